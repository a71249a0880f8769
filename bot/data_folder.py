"""The data folder's exclusive lock: one process at a time, and a second one is told so."""

import os
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import FolderInUseError, ReadableError


class DataFolder:
    """Holds the lock on a folder from opening to `release` (or the end of the process, however it ends)."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self._owner = folder / "lock.owner"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / "lock")
            self._lock.acquire(timeout=0)
            self._owner.write_text(str(os.getpid()))
        except Timeout as error:
            raise FolderInUseError(
                f"the data folder {folder} is in use by another Parley (process {self._owner_id()}): "
                "stop it, or name another folder with --data"
            ) from error
        except OSError as error:
            raise ReadableError(f"the data folder {folder} cannot be used: {error.strerror or error}") from error

    def release(self) -> None:
        """Let the folder go."""
        self._lock.release()

    def _owner_id(self) -> str:
        try:
            return self._owner.read_text() or "unknown"
        except OSError:
            return "unknown"
