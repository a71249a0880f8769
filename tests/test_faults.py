"""The list of deliberate faults: each still finds its place in the product. What notices them: `python -m tests.faults`."""

import ast

import pytest

from tests.faults import FAULTS
from tests.running import ROOT


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_finds_its_place_and_leaves_python(fault):
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.sound) == 1
    ast.parse(text.replace(fault.sound, fault.faulty))
