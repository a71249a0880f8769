"""`parley index CATALOGUE --check`: the owner reads how the catalogue is filled and what is wrong; nothing is built or kept."""

import json
from pathlib import Path

import pytest

from tests.running import at_once, parley, refusal

LANTERN = "A lantern of brass that burns for nine hours and hangs from any branch you like."
KETTLE = "A kettle that whistles a low note when the water for your morning tea has boiled."
GERMAN = "Eine Laterne aus Messing, die neun Stunden lang brennt und an jedem Ast hängen kann."
ROWS = (
    {"id": "a", "title": "Brass Lantern", "description": LANTERN, "tags": ["light", "garden"], "price": 30, "like": ["b", "c"]},
    {"id": "b", "title": "Kettle", "description": KETTLE, "tags": ["kitchen"], "price": 45.5},
    {"id": "c", "title": "Hook", "description": "It holds a good deal.", "tags": ["garden"], "price": 4},
)
TOML = 'noun = "thing"\n[facets.price]\nunit = "€"\n[facets.like]\nkind = "items"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder with a sound catalogue, things.jsonl."""
    write(tmp_path, *ROWS)
    return tmp_path


def write(place: Path, *rows: object, toml: str = TOML) -> None:
    (place / "things.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (place / "catalogue.toml").write_text(toml, encoding="utf-8")


def check(place: Path, *, code: int = 0, name: str = "things.jsonl", by=at_once, **settings: str) -> list[str]:
    """The lines printed for `name`; `code` is the exit code that is expected."""
    ran = by(place, "index", name, "--check", settings={"PARLEY_DATA": str(place / "data"), **settings})
    assert ran.returncode == code, ran.stderr
    assert code or ran.stderr == ""
    return ran.stdout.splitlines()


def faulty(**fields: object) -> tuple[dict, ...]:
    """The rows with one more, which has these fields."""
    return (*ROWS, {"id": "d", "title": "Lamp", "description": "A lamp for the desk.", "price": 9, **fields})


@pytest.mark.parametrize("by", [at_once, parley])
def test_a_sound_catalogue_is_described_and_nothing_is_kept(place, by):
    before = {path: path.read_bytes() for path in place.iterdir()}
    *table, descriptions, last = check(place, by=by)
    assert [" ".join(line.split()) for line in table] == [
        "facet kind items filled values commonest, or range",
        "tags category 3 100% 3 garden 2, light 1, kitchen 1",
        "price number 3 100% 3 4 to 45.5 €, median 30",
        "like items 1 33% 2 2 links",
    ]
    assert descriptions == "descriptions: 5 to 16 words, median 16; language: en 2"
    assert last == "3 things, 0 errors, 0 warnings"
    assert {path: path.read_bytes() for path in place.iterdir()} == before


@pytest.mark.parametrize("name", ["films", "shop"])
def test_the_built_in_catalogues_pass(tmp_path, name):
    assert ", 0 errors, " in check(tmp_path, name=name)[-1]


def test_warnings_alone_are_no_failure(place):
    write(place, *faulty(description=""))
    *_, what, where, last = check(place)
    assert (what, where, last) == ("warning no description: 1", "  line 4 (d)", "4 things, 0 errors, 1 warning")


def test_errors_are_told_in_one_sentence_with_exit_code_2(place):
    write(place, *faulty(like=["lost"]), {"id": "e"})
    ran = at_once(place, "index", "things.jsonl", "--check")
    assert refusal(ran) == "the catalogue things.jsonl has 2 errors"
    assert ran.stdout.splitlines()[-5:] == [
        "error rows left out: 1", "  line 5 has no title",
        "error links to items that are not there: 1", "  line 4 (d) like 'lost'",
        "4 things, 2 errors, 0 warnings",
    ]  # fmt: skip


def test_of_many_places_the_first_are_shown_and_all_are_counted(place):
    write(place, *faulty(like=[f"lost-{n}" for n in range(8)]))
    *_, what, one, two, three, four, five, more, last = check(place, code=2)
    assert what == "error links to items that are not there: 8"
    assert [line.split()[-1] for line in (one, two, three, four, five)] == [f"'lost-{n}'" for n in range(5)]
    assert (more, last) == ("  and 3 more", "4 things, 8 errors, 0 warnings")


def test_what_has_no_place_is_told_without_a_number_and_counted(place):
    write(place, ROWS[0] | {"description": GERMAN, "like": []})
    *_, what, last = check(place)
    assert what == "warning most descriptions are in 'de', but only messages in English are understood"
    assert last == "1 things, 0 errors, 1 warning"


def test_the_languages_are_counted(place):
    write(place, *faulty(description=GERMAN))
    assert any(line.endswith("language: en 2, de 1") for line in check(place))
    write(place, ROWS[2], toml="")
    assert any(line.endswith("language: too short to tell") for line in check(place))


def test_the_median_of_an_even_number_lies_in_the_middle(place):
    write(
        place,
        ROWS[2],
        {"id": "e", "title": "Rope", "description": "Nine metres of good rope for a hammock, or a swing."},
        toml="",
    )
    assert "descriptions: 5 to 11 words, median 8; language: too short to tell" in check(place)


@pytest.mark.parametrize(
    ("setting", "code"), [("", 2), ("elsewhere.example", 2), ("Pictures.example", 0), ("elsewhere.example,pictures.example", 0)]
)
def test_pictures_are_checked_against_the_hosts_of_the_settings(place, setting, code):
    write(place, *faulty(image="https://pictures.example/lamp.png"))
    told = check(place, code=code, **({"PARLEY_IMAGE_HOSTS": setting} if setting else {}))
    assert any("https://pictures.example/lamp.png" in line for line in told) == bool(code)


def test_hosts_of_parley_toml_count_as_well(place):
    write(place, *faulty(image="https://pictures.example/lamp.png"))
    (place / "parley.toml").write_text('image_hosts = ["pictures.example"]\n')
    check(place)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("nowhere.csv", None, "nowhere.csv does not exist"),
        ("empty.csv", "id,title\n", "empty"),
        ("odd.csv", "id\na\n", "'title'"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_refused(place, name, content, told):
    if content is not None:
        (place / name).write_text(content)
    (place / "catalogue.toml").unlink()
    assert told in refusal(at_once(place, "index", name, "--check"))


@pytest.mark.parametrize("odd", ["[g]", "[/g]", "[red]", "[bold", "\\", ":book:", "{x}", "%s", "[b]x[/b]"])
def test_names_are_printed_as_they_are_written(place, odd):
    row = {"id": f"d{odd}", "title": "Lamp", "description": "", f"weight {odd}": 3, "kinds": [f"tall {odd}", "lost"]}
    write(place, *ROWS, row | {"like": [f"lost {odd}"]}, toml=TOML.replace('"thing"', f"'thing {odd}'"))
    told = check(place, code=2)
    assert any(line.startswith(f"weight {odd} ") for line in told)
    assert any(f"tall {odd} 1" in line for line in told)
    assert f"  line 4 (d{odd}) like {f'lost {odd}'!r}" in told
    assert f"  line 4 (d{odd})" in told
    assert told[-1] == f"4 thing {odd}s, 1 error, 1 warning"


@pytest.mark.parametrize("character", ["\x1b", "\x9b", "\u202e"])
@pytest.mark.parametrize("field", ["id", "tags", "like", "column"])
def test_what_does_not_print_never_reaches_the_terminal(place, field, character):
    odd = f"gar{character}den"
    write(place, *faulty(**({odd: "x"} if field == "column" else {field: odd})))
    ran = at_once(place, "index", "things.jsonl", "--check")
    assert character not in ran.stdout + ran.stderr
