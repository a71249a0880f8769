"""Whether the files of a Chroma folder are as they were written: a damaged one can end the process that opens it."""

import hashlib
import json
import sqlite3
from pathlib import Path

SUMS = "parley-sums.json"  # beside Chroma's own files: the digests of its vector files


def note_sums(folder: Path) -> None:
    """Write down the digests of the vector files of a folder that has just been built and closed."""
    (folder / SUMS).write_text(json.dumps(_sums(folder)), encoding="utf-8")


def files_are_sound(folder: Path) -> bool:
    """Whether database and vector files pass their checks."""
    database = folder / "chroma.sqlite3"
    if not database.is_file():
        return False
    try:
        noted = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            healthy = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        finally:
            connection.close()
    except (OSError, ValueError, sqlite3.Error):
        return False
    return healthy and noted == _sums(folder)


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*.bin"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
