"""Save as test: a visitor's own session as a script, for developers; made one at a time beside the running parts."""

import threading
from pathlib import Path

from bot.conversation_tests.recorded import Recorded
from bot.conversation_tests.recording import record
from bot.conversation_tests.shelves import Shelves
from bot.events import EventLog
from bot.session import Session
from retrieval.catalogue import BUILT_IN


class SavedAsTest:
    """Scripts of the sessions in one log. A catalogue of one's own is expected beside the script."""

    def __init__(self, catalogue: str, log: EventLog) -> None:
        built_in = (BUILT_IN / catalogue).is_dir()
        self._catalogue = catalogue if built_in else str(Path(catalogue).resolve())
        self._called = catalogue if built_in else Path(catalogue).name
        self._log, self._shelves, self._one = log, Shelves(), threading.Lock()

    def __call__(self, session: Session) -> str:
        """The script. Raises RecordingError where nothing was said or shown yet."""
        held = Recorded.of_rows(self._log.held(session.user), session.id)
        with self._one:
            return record(held, self._catalogue, self._called, shelves=self._shelves).text
