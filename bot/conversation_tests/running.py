"""Which target a run speaks to, and a run of many scripts."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from bot.conversation_tests.models import LanguageModelKind
from bot.conversation_tests.reading import Script
from bot.conversation_tests.target import Target

OpenTarget = Callable[[Script], Target]
MODELS: tuple[LanguageModelKind, ...] = ("off", "scripted", "real")


@contextmanager
def targets(url: str = "", model: LanguageModelKind = "off") -> Generator[OpenTarget]:
    """Opens a target for each script: the server at `url`, else this process, what scripts can share made once."""
    if url:
        from bot.conversation_tests.over_url import OverUrl

        yield lambda _: OverUrl(url)
        return
    from bot.conversation_tests.in_process import InProcess
    from bot.conversation_tests.shelves import Shelves

    shelves = Shelves()
    try:
        yield lambda script: InProcess(shelves, Path(script.file), model)
    finally:
        shelves.close()
