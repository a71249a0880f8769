"""The pytest plugin, found by its entry point: collects `*.conv.yaml`, one test for each scenario and case.

Nothing of Parley is imported before the first such file is met: whoever has none does not notice the plugin.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

ENDING = ".conv.yaml"
_STACK, _TARGETS = pytest.StashKey[ExitStack](), pytest.StashKey[Any]()


class ConversationFailedError(Exception):
    """A conversation did not hold; the report says where and why."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """What conversations are held with."""
    group = parser.getgroup("parley", "scripted conversations")
    group.addoption("--parley-url", default="", metavar="URL", help="hold conversations with the server at this address")
    group.addoption("--parley-model", default="off", choices=("off", "scripted", "real"), help="where a script names none: off")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Conversation files."""
    return ConversationFile.from_parent(parent, path=file_path) if file_path.name.endswith(ENDING) else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let what was opened go."""
    if _STACK in config.stash:
        config.stash[_STACK].close()


class ConversationFile(pytest.File):
    """One file of scripts."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each script, its tags as markers."""
        from bot.conversation_tests.reading import read
        from bot.conversation_tests.yaml_nodes import ConversationError

        try:
            scripts = read(self.path)
        except ConversationError as error:
            raise self.CollectError(str(error)) from error
        for script in scripts:
            item = ConversationItem.from_parent(self, name=script.name, script=script)
            for tag in script.scenario.tags:
                self.config.addinivalue_line("markers", f"{tag}: a tag of scripted conversations")
                item.add_marker(tag)
            yield item


class ConversationItem(pytest.Item):
    """One script."""

    def __init__(self, *, script: Any, **given: Any) -> None:
        super().__init__(**given)
        self._script = script

    def runtest(self) -> None:
        """Hold the conversation."""
        from bot.conversation_tests.report import report
        from bot.conversation_tests.runner import run

        outcome = run(self._script, self._open_target()(self._script))
        if outcome.status == "xfailed":
            pytest.xfail(f"{outcome.script.scenario.xfail}")
        if outcome.status == "cannot":
            pytest.skip("cannot: " + "; ".join(outcome.runs[0].cannot))
        if not outcome.good:
            raise ConversationFailedError(report(outcome))

    def _open_target(self) -> Any:
        """What opens a target, the same for all conversations of this process."""
        from bot.conversation_tests.running import targets

        stash = self.config.stash
        if _TARGETS not in stash:
            stash[_STACK] = ExitStack()
            url, model = (cast(Any, self.config.getoption(f"--parley-{name}")) for name in ("url", "model"))
            stash[_TARGETS] = stash[_STACK].enter_context(targets(url, model))
        return stash[_TARGETS]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The transcript and what did not hold, without a stack."""
        from retrieval.errors import ReadableError

        if isinstance(excinfo.value, ConversationFailedError | ReadableError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line (from 0) and name."""
        return self.path, self._script.line - 1, self.name
