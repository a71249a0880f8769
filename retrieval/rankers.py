"""Versions of the ranker in the data folder: `rankers/<version>/ranker.json`, which one is active, and what was before it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import ReadableError
from retrieval.ranker import Ranker

SHIPPED = "shipped"  # the version that needs no file


@dataclass(frozen=True, slots=True)
class Rankers:
    """The versions under one folder."""

    folder: Path

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version that was learnt, oldest first."""
        found = (path.parent.name for path in self.folder.glob("*/ranker.json"))
        return tuple(sorted(found))

    @property
    def active(self) -> str:
        """The version in use."""
        return self._activated[-1] if self._activated else SHIPPED

    def read(self, shipped: Ranker) -> Ranker:
        """The ranker in use. Raises ReadableError when its file cannot be used."""
        return shipped if self.active == SHIPPED else Ranker.read(self.folder / self.active / "ranker.json")

    def add(self, ranker: Ranker, about: Mapping[str, Any]) -> str:
        """Write a new version beside the others and return its name; `about` says what it was learnt from."""
        version = f"{max((int(v) for v in self.versions if v.isdigit()), default=0) + 1:04}"
        place = self.folder / version
        place.mkdir(parents=True)
        (place / "about.json").write_text(json.dumps(dict(about), indent=1) + "\n", encoding="utf-8")
        ranker.write(place / "draft.json")
        (place / "draft.json").replace(place / "ranker.json")
        return version

    def about(self, version: str) -> dict[str, Any]:
        """What a version was learnt from."""
        try:
            return dict(json.loads((self.folder / version / "about.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def activate(self, version: str) -> None:
        """Use a version from the next start on. Raises ReadableError when there is none of that name, or it is damaged."""
        if version != SHIPPED:
            if version not in self.versions:
                known = ", ".join((SHIPPED, *self.versions))
                raise ReadableError(f"there is no ranker version {version!r}; known are {known}")
            Ranker.read(self.folder / version / "ranker.json")
        self._write([*self._activated, version])

    def roll_back(self) -> str:
        """Use the version before the one in use; returns its name. Raises ReadableError when there was none."""
        if not self._activated:
            raise ReadableError("there is no earlier ranker version to go back to")
        self._write(self._activated[:-1])
        return self.active

    @property
    def _activated(self) -> list[str]:
        """The versions used so far, the newest last."""
        try:
            return list(json.loads((self.folder / "active.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise ReadableError(f"{self.folder / 'active.json'} cannot be read: {error}") from error

    def _write(self, activated: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / "active.draft"
        draft.write_text(json.dumps(activated) + "\n", encoding="utf-8")
        draft.replace(self.folder / "active.json")
