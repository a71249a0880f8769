"""The sites that a Parley serves, from sites.toml: each with its catalogue, origins, words and the keys of its own tokens."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from retrieval.errors import ReadableError

FILE = "sites.toml"  # read from the working folder
DEFAULT = "default"  # the site that is there without any file: the catalogue of the settings, embedded nowhere but here
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
ORIGIN = re.compile(r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")
COLOURS = ("accent", "on_accent", "background", "surface", "line", "text", "quiet", "strong", "danger")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]{3,30}")
SECRET_BYTES = 32  # of a shared secret: as many as the hash has

Algorithm = Literal["HS256", "RS256"]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class SitesError(ReadableError):
    """Something in sites.toml that cannot be used."""


class Told(BaseModel):
    """A table of the file: nothing that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Key(Told):
    """One key that a site signs with: a shared secret (HS256) or a public key (RS256), in a file or in the environment.

    Keys are rotated by telling the new one beside the old one until no token of the old one is left.
    """

    id: str = Field(default="", max_length=80, description="`kid` of the tokens; may stay empty where there is one key")
    algorithm: Algorithm
    file: str = ""
    environment: str = ""

    @model_validator(mode="after")
    def _one_place(self) -> "Key":
        if bool(self.file) == bool(self.environment):
            raise ValueError("a key has either file or environment: where its secret or public key stands")
        return self

    def secret(self, folder: Path) -> bytes:
        """The secret or the public key itself. Raises SitesError where it is not to be had or too short."""
        where = f"the file {self.file}" if self.file else f"the environment's {self.environment}"
        try:
            found = (folder / self.file).read_bytes().strip() if self.file else os.environb[self.environment.encode()]
        except (OSError, KeyError) as error:
            raise SitesError(f"the key {self.id!r} cannot be read from {where}") from error
        if self.algorithm == "HS256" and len(found) < SECRET_BYTES:
            raise SitesError(f"the key {self.id!r} in {where} has {len(found)} bytes; a shared secret needs {SECRET_BYTES}")
        if self.algorithm == "RS256" and b"PUBLIC KEY" not in found:
            raise SitesError(f"the key {self.id!r} in {where} is no public key in PEM")
        return found


class Limits(Told):
    """How much is answered: each bucket holds a minute's worth and fills evenly."""

    visitor_turns_per_minute: float = Field(default=30, gt=0)
    visitor_requests_per_minute: float = Field(default=600, gt=0)
    site_turns_per_minute: float = Field(default=1_200, gt=0)
    sessions_per_minute: float = Field(default=120, gt=0, description="new ones from one address")


class Site(Told):
    """One site."""

    name: str = DEFAULT
    title: str = Field(default="", max_length=80, description="over the conversation; the catalogue's plural where it is empty")
    catalogue: str = Field(default="", description="as in the settings, or a file beside sites.toml")
    origins: tuple[str, ...] = Field(default=(), description="pages of these origins may embed the widget and call the API")
    greeting: str = Field(default="", max_length=400)
    starters: tuple[Line, ...] = Field(default=(), max_length=8, description="prompts to begin with")
    labels: Mapping[str, Line] = Field(default_factory=dict[str, str], description="the widget's own words")
    colours: Mapping[str, str] = Field(default_factory=dict[str, str], description="of the widget")
    audience: str = Field(default="parley", max_length=200, description="`aud` of the site's tokens")
    keys: tuple[Key, ...] = ()
    limits: Limits = Limits()
    folder: Path = Path()

    @field_validator("origins")
    @classmethod
    def _origins(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for origin in given:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin such as https://shop.example")
        return tuple(origin.lower() for origin in given)

    @field_validator("colours")
    @classmethod
    def _colours(cls, given: Mapping[str, str]) -> Mapping[str, str]:
        for name, colour in given.items():
            if name not in COLOURS or not COLOUR.fullmatch(colour):
                raise ValueError(f"{name} = {colour!r}: {', '.join(COLOURS)} take #rrggbb or a colour's name")
        return given


def read_sites(path: str) -> Mapping[str, Site]:
    """The sites of a file by name; always with the default one. `path` "": sites.toml of the working folder, if there is one.

    Raises SitesError naming the site and the field to mend.
    """
    file = Path(path or FILE)
    if not path and not file.is_file():
        return {DEFAULT: Site()}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SitesError(f"{file} cannot be read: {error}") from error
    sites = {name: _site(name, table, file) for name, table in tables.items()}
    return {DEFAULT: Site()} | sites


def _site(name: str, table: Any, file: Path) -> Site:
    if not NAME.fullmatch(name) or not isinstance(table, dict):
        raise SitesError(f"{file}: {name!r} is no site: a table named with a-z, 0-9 and -, such as [shop]")
    try:
        site = Site.model_validate({**table, "name": name, "folder": file.parent})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SitesError(f"{file}: [{name}] {field}: {first['msg'].removeprefix('Value error, ')}") from error
    beside = file.parent / site.catalogue
    if site.catalogue and beside.exists():
        site = site.model_copy(update={"catalogue": str(beside)})
    for key in site.keys:
        key.secret(file.parent)
    if len({key.id for key in site.keys}) < len(site.keys):
        raise SitesError(f"{file}: [{name}] keys: each needs an id of its own, which tokens name as kid")
    return site
