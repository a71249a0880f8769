"""Looks at everything that can be wrong with an installation and says what to do."""

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.data_folder import DataFolder
from bot.settings import Settings
from retrieval.errors import ReadableError

NEEDED_FREE = 1_000_000_000  # bytes of disk: converted weights, vectors, index and log with room to grow
VERSIONS = {"gradio": "6.7", "transformers": "5.3", "chromadb": "1.5.9", "langchain-core": "1.7"}  # safe from known holes


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, whether it is sound, and what was seen or is to be done."""

    what: str
    sound: bool
    told: str


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which to mend them. Nothing is changed but what opening the parts makes."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("python", _python), ("versions", _versions), ("disk", _disk), ("data folder", _folder), ("catalogue", _catalogue),
        ("database", _database), ("language model", _model), ("index", _index),
    )  # fmt: skip
    return list(_run(settings, checks))


def _run(settings: Settings, checks: tuple[tuple[str, Callable[[Settings], str]], ...]) -> Iterator[Finding]:
    for what, check in checks:
        try:
            yield Finding(what, True, check(settings))
        except ReadableError as error:
            yield Finding(what, False, str(error))


def _python(_: Settings) -> str:
    if not (3, 11) <= sys.version_info < (3, 14):
        raise ReadableError(f"this is Python {sys.version.split()[0]}; 3.11 to 3.13 are needed")
    return sys.version.split()[0]


def _versions(_: Settings) -> str:
    for name, floor in VERSIONS.items():
        here = importlib.metadata.version(name)
        if _numbers(here) < _numbers(floor):
            raise ReadableError(f"{name} is {here}; at least {floor} is needed: run `pip install --upgrade {name}`")
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("+")[0].split(".") if part.isdigit())


def _disk(settings: Settings) -> str:
    place = next(folder for folder in (settings.data, *settings.data.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if free < NEEDED_FREE:
        raise ReadableError(f"{place} has {free >> 20} MB free; {NEEDED_FREE >> 20} MB are needed")
    return f"{free >> 30} GB free at {place}"


def _folder(settings: Settings) -> str:
    DataFolder(settings.data).release()
    return f"{settings.data} is free to use"


def _catalogue(settings: Settings) -> str:
    from retrieval.catalogue import read_catalogue

    found = read_catalogue(settings.catalogue)
    return f"{len(found)} {found.plural} in {settings.catalogue!r}, {len(found.problems)} rows left out"


def _database(settings: Settings) -> str:
    from bot.parts import open_log

    log = open_log(settings)
    events = sum(1 for _ in log.all_events())
    log.close()
    return f"{events} events"


def _model(settings: Settings) -> str:
    if settings.language_model == "off":
        return "off: the template speaks, nothing is found by meaning"
    from bot.language_model import open_language_model

    model = open_language_model(settings, "item")
    width = len(model.embeddings.embed_query("a quiet evening"))
    model.close()
    return f"{settings.language_model!r} loads and embeds ({width} numbers)"


def _index(settings: Settings) -> str:
    vectors = sorted(settings.data.glob("vectors-*.npy"))
    unfinished = sorted(settings.data.glob("vectors-*.partial"))
    if unfinished:
        raise ReadableError(f"indexing was cut off: run `parley index {settings.catalogue}` to finish it")
    if not vectors and settings.language_model != "off":
        raise ReadableError(f"nothing is embedded yet: run `parley index {settings.catalogue}`")
    return f"{len(vectors)} vector file(s) in {settings.data}"
