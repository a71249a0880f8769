"""Prompt files: each declares just what it uses, and is filled strictly."""

from string import Formatter

import pytest

import prompts

NAMES = sorted(path.stem for path in prompts.FOLDER.glob("*.txt"))


def declared_inputs(name: str) -> set[str]:
    first = (prompts.FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# inputs:")
    return {word.strip() for word in first.removeprefix("# inputs:").split(",")} - {""}


def test_there_are_prompts():
    assert {"embed_item", "embed_person", "explain"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_declares_just_its_placeholders(name):
    _, _, body = (prompts.FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    assert {field for _, field, _, _ in Formatter().parse(body) if field is not None} == declared_inputs(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_prompt_holds_every_value_and_no_placeholder(name):
    values = {word: f"<the {word}>" for word in declared_inputs(name)}
    text = prompts.fill(name, **values)
    assert all(value in text for value in values.values())
    assert not text.startswith("#")
    assert "{" not in text


def test_a_value_with_braces_stays_as_it_is():
    assert "{noun} {0} {{}}" in prompts.fill("embed_item", noun="film", text="{noun} {0} {{}}")


def test_a_missing_input_is_named():
    with pytest.raises(ValueError, match=r"'embed_item'.*'text'.*missing"):
        prompts.fill("embed_item", noun="film")


def test_an_input_that_is_not_declared_is_named():
    with pytest.raises(ValueError, match=r"'colour'.*not declared"):
        prompts.fill("embed_item", noun="film", text="Heat", colour="red")


@pytest.mark.parametrize("name", ["no_such_prompt", "", "../retrieval/catalogue"])
def test_an_unknown_prompt_raises(name):
    with pytest.raises(KeyError, match="no prompt"):
        prompts.fill(name)


def test_the_parts_of_a_prompt_stand_around_its_hole():
    before, after = prompts.parts("embed_item", "text", noun="film")
    assert before + "Heat" + after == prompts.fill("embed_item", noun="film", text="Heat")


def test_a_hole_that_is_no_input_is_named():
    with pytest.raises(ValueError, match="colour"):
        prompts.parts("embed_item", "colour", noun="film", text="Heat")


def test_lines_are_the_filled_lines_of_a_prompt_without_inputs():
    found = prompts.lines("calibration_items")
    assert len(found) > 10
    assert all(line.strip() and not line.startswith("#") for line in found)
