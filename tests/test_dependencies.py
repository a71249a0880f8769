"""What Parley stands on has no version with known holes and no licence that forbids shipping; weights are safetensors alone."""

from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from tests import dependencies
from tests.dependencies import FLOORS, FORBIDDEN, faults, needed


def test_no_package_has_known_holes_or_forbids_shipping():
    assert faults() == []


def test_what_has_a_floor_is_really_needed():
    assert set(FLOORS) <= set(needed()) and len(needed()) > 50


def test_an_old_version_and_a_forbidding_licence_are_told(tmp_path, monkeypatch):
    info = tmp_path / "starlette-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: starlette\nVersion: 0.1\nLicense-Expression: AGPL-3.0-only\n")
    monkeypatch.setattr(dependencies, "needed", lambda: {"starlette": PathDistribution(info)})
    assert [one.split(" ", 2)[0] for one in faults()] == ["starlette", "starlette"] and "0.1 has known holes" in faults()[0]


@pytest.mark.parametrize(
    ("licence", "forbids"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0", True),
        ("GNU General Public License v3", True),
        ("LGPL-2.1", False),
        ("MPL-2.0", False),
    ],
)
def test_only_licences_that_bind_what_they_are_shipped_with_are_forbidden(licence, forbids):
    assert bool(FORBIDDEN.search(licence)) == forbids


def test_nothing_unpickles():
    sources = [file for folder in ("bot", "retrieval", "prompts") for file in Path(folder).rglob("*.py")]
    told = {str(file): file.read_text(encoding="utf-8") for file in sources}
    words = ("import pickle", "allow_pickle=True", "joblib", "yaml.load(", "eval(", "exec(")
    found = [(name, word) for name, text in told.items() for word in words if word in text.replace(".eval()", "")]
    every = [line for text in told.values() for line in text.splitlines()]
    loads = [line for line in every if "torch.load(" in line and "weights_only=True" not in line]
    assert len(sources) > 100 and found == [] and loads == []
