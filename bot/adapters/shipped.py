"""The adapters that ship with Parley: which weights each belongs to, and that its file is whole."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from bot.language_model.errors import ModelError

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter's job, file, digest and strength."""

    name: str
    path: Path
    sha256: str
    scale: float


def beside(weights: str, name: str = "embedding") -> Adapter | None:
    """The adapter `name` for the converted weights in the folder called `weights`; None where none ships.

    Raises ModelError when its file is missing or damaged.
    """
    manifest = json.loads((FILES / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest.get(weights, {}).get(name)
    if entry is None:
        return None
    path = FILES / entry["file"]
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        raise ModelError(f"the adapter {path} is missing or damaged: install Parley again")
    return Adapter(name, path, entry["sha256"], float(entry["scale"]))


def note(weights: str, name: str, path: Path, scale: float) -> None:
    """Write an adapter that has just been trained into the manifest, when it lies among the shipped files."""
    if path.parent != FILES:
        return
    manifest = json.loads((FILES / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.setdefault(weights, {})[name] = {"file": path.name, "sha256": digest, "scale": scale}
    (FILES / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
