"""A folder with a small catalogue and conversation files over it, and what becomes of them."""

import shutil
import textwrap
from contextlib import contextmanager
from pathlib import Path

from bot.conversation_tests.reading import read
from bot.conversation_tests.runner import Outcome, run
from bot.conversation_tests.running import targets

HEAD = "version: 1\nsetup: {catalogue: catalogue.jsonl}\nscenarios:\n"
QUIET = "a quiet science fiction film"


def folder(catalogue_file: Path, place: Path) -> Path:
    """`place` with a copy of the catalogue in it."""
    for name in ("catalogue.jsonl", "catalogue.toml"):
        shutil.copy(catalogue_file.with_name(name), place / name)
    return place


def written(place: Path, scenarios: str, name: str = "some.conv.yaml") -> Path:
    """A file of these scenarios beside the catalogue."""
    file = place / name
    file.write_text(HEAD + textwrap.indent(textwrap.dedent(scenarios).strip(), "  ") + "\n", encoding="utf-8")
    return file


def held(file: Path, **options) -> list[Outcome]:
    """What becomes of each script of a file."""
    with targets(**options) as open_target:
        return [run(script, open_target(script)) for script in read(file)]


@contextmanager
def one_target():
    """One set of shelves for many conversations."""
    with targets() as open_target:
        yield lambda file: [run(script, open_target(script)) for script in read(file)]
