"""Which adapters belong to which weights: a folder of files with a manifest, the one that ships or a site's own."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.language_model.errors import ModelError

FILES = Path(__file__).parent / "files"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter's job ("embedding" or "speaking"), file and digest."""

    name: str
    path: Path
    sha256: str


def folder_of(setting: str) -> Path | None:
    """The folder that the setting `adapters` names: "shipped", "off" (None), or a folder with a manifest.

    Raises ModelError when it names none of them.
    """
    if setting == "off":
        return None
    folder = FILES if setting == "shipped" else Path(setting).expanduser()
    if not (folder / MANIFEST).is_file():
        raise ModelError(f'adapters is {setting!r}, which is neither "shipped", "off" nor a folder with a {MANIFEST}')
    return folder


def beside(weights: str, folder: Path) -> tuple[Adapter, ...]:
    """The adapters in `folder` for the converted weights called `weights`.

    Raises ModelError when the manifest cannot be read, or a file is missing or damaged.
    """
    found: list[Adapter] = []
    for name, entry in _read(folder).get(weights, {}).items():
        path = folder / str(entry.get("file"))
        if not path.is_file() or digest(path) != entry.get("sha256"):
            raise ModelError(f"the adapter {path} is missing or damaged: install Parley again, or train it again")
        found.append(Adapter(name, path, digest(path)))
    return tuple(found)


def note(weights: str, name: str, path: Path) -> None:
    """Write an adapter that has just been trained into the manifest of its folder."""
    manifest = _read(path.parent) if (path.parent / MANIFEST).is_file() else {}
    manifest.setdefault(weights, {})[name] = {"file": path.name, "sha256": digest(path)}
    (path.parent / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _read(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{folder / MANIFEST} is not JSON: {error}") from error


def digest(path: Path) -> str:
    """The sha256 of a file, in hex digits."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
