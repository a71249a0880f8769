"""The `catalogue.toml` beside a catalogue: what an item is called and how people speak of its facets."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from retrieval.errors import CatalogueError
from retrieval.facet_kinds import FacetKind

COUNTED = re.compile(r"\{(\d+)-(\d+)\}")  # "my {2-12} year old": one synonym a number, in figures and in words
MOST_COUNTED = 200
NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def _spelt_out(words: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for word in words:
        span = COUNTED.search(word)
        numbers = range(int(span[1]), int(span[2]) + 1) if span else ()
        if span and not 0 < len(numbers) <= MOST_COUNTED:
            raise ValueError(f"{span.group()} in {word!r} must count up, and to at most {MOST_COUNTED} numbers")
        said = [text for n in numbers for text in (str(n), *NUMBER_WORDS[n : n + 1])]
        found += [COUNTED.sub(text, word) for text in said] if span else [word]
    return tuple(found)


class FacetToml(BaseModel):
    """One `[facets.NAME]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str | None = None
    kind: FacetKind | None = None
    card: bool = False
    embed: bool = True
    weight: float = Field(default=1.0, gt=0)
    hidden: bool = False  # neither shown nor embedded nor spoken of
    unit: str = ""
    units: dict[str, float] = Field(default_factory=dict)
    synonyms: dict[str, Annotated[tuple[str, ...], AfterValidator(_spelt_out)]] = Field(default_factory=dict)
    hard: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    phrase: str = Field(default="", pattern=r"^$|^adjective$|^kind$|^[^{}]*\{\}[^{}]*$")
    ask: str = ""
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


class CatalogueToml(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    noun: str = "item"
    plural: str | None = None
    starters: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()  # short messages to go on with after a slate
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
