"""The `catalogue.toml` beside a catalogue: what an item is called and how people speak of its facets."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.errors import CatalogueError
from retrieval.facet_kinds import FacetKind


class FacetToml(BaseModel):
    """One `[facets.NAME]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str | None = None
    kind: FacetKind | None = None
    card: bool = False
    embed: bool = True
    hidden: bool = False  # neither shown nor embedded nor spoken of
    unit: str = ""
    units: dict[str, float] = Field(default_factory=dict)
    synonyms: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    hard: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    phrase: str = Field(default="", pattern=r"^$|^adjective$|^kind$|^[^{}]*\{\}[^{}]*$")
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


class CatalogueToml(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    noun: str = "item"
    plural: str | None = None
    starters: tuple[str, ...] = ()
    consumed: str = "Seen it"  # the button that says: I know this already
    image: str = "image"  # the column of pictures
    facets: dict[str, FacetToml] = Field(default_factory=dict)


def read_toml(path: Path) -> CatalogueToml:
    """Read `path`, or give the defaults where there is none. Raises CatalogueError naming the faulty setting."""
    if not path.is_file():
        return CatalogueToml()
    try:
        return CatalogueToml.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{path}, setting {where}: {first['msg'].lower()}") from error
    except (ValueError, OSError) as error:
        raise CatalogueError(f"{path} is not a readable TOML file: {error}") from error
