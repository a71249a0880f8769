"""Countries, languages and people, which are conditions when asked for: what is heard, what is kept of it, how it is told."""

import json

import pytest

from bot.answer import profile_json
from bot.profile import Profile, infer
from bot.session import Turn
from bot.template import constraint_text
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, Facet, Item, read_catalogue
from retrieval.constraints import Constraint, rows_allowed

ALL = ("*",)  # every value of the facet is a condition


def cinema() -> Catalogue:
    """Films of few countries, languages and people."""
    spoken = {"France": ("french",), "Italy": ("italian",), "Japan": ("japanese",), "United Kingdom": ("british", "english")}
    told = [
        ("snow", "Snow on the Line", "France", "French", "Ana Quist", ("Mia Hollis", "Cy Adler"), "trains"),
        ("oven", "The Cold Oven", "Italy", "Italian", "Bo Rask", ("Mia Hollis",), "bread"),
        ("ferry", "Night Ferry", "Italy", "French", "Ana Quist", ("Cy Adler",), "boats"),
        ("crane", "Paper Crane", "Japan", "Japanese", "Dee Volkmann", ("Iris Lund",), "birds"),
        ("fog", "Tower Fog", "United Kingdom", "English", "Bo Rask", ("Vic Moor",), "rain"),
    ]
    facets = {
        "country": Facet("country", "category", "Country", phrase="from {}", synonyms=spoken, hard=ALL),
        "language": Facet("language", "category", "Language", phrase="in {}", hard=ALL),
        "directors": Facet("directors", "category", "Directed by", phrase="by {}", hard=ALL),
        "cast": Facet("cast", "category", "Starring", phrase="with {}", hard=ALL),
        "themes": Facet("themes", "category", "Themes"),
        "content": Facet(
            "content", "category", "Notes", synonyms={"all ages": ("for my kids", "for kids")}, hard=("all ages",)
        ),
    }
    items = (
        Item(name, title, "", {
            "country": (country,), "language": (language,), "directors": (director,), "cast": cast, "themes": (theme,),
            "content": ("all ages",),
        })
        for name, title, country, language, director, cast, theme in told
    )  # fmt: skip
    return Catalogue(tuple(items), facets, "film", "films")


CINEMA = cinema()
UNDERSTANDER = Understander(CINEMA)
CONDITIONS = [
    ("a French film", ["country france or language french"]),
    ("in French", ["language french"]),
    ("something in french please", ["language french"]),
    ("from Italy", ["country italy"]),
    ("French or Italian", ["country france or country italy or language french or language italian"]),
    ("in French, Italian or Japanese", ["language french or language italian or language japanese"]),
    ("a French or an Italian film", ["country france or country italy or language french or language italian"]),
    ("a film in French or Italian", ["language french or language italian"]),
    ("in French or in Italian", ["language french or language italian"]),
    ("with Mia Hollis and Cy Adler", ["cast cy adler", "cast mia hollis"]),
    ("with Mia Hollis or Cy Adler", ["cast cy adler or cast mia hollis"]),
    ("with Mia Hollis or with Cy Adler", ["cast cy adler or cast mia hollis"]),
    ("by Ana Quist, with Cy Adler", ["cast cy adler", "directors ana quist"]),
    ("by Ana Quist or by Bo Rask", ["directors ana quist or directors bo rask"]),
    ("the new Volkmann", ["directors dee volkmann"]),
    ("I'd like a French film", ["country france or language french"]),
    ("nothing but French films", ["country france or language french"]),
    ("not in English", ["no language english"]),
    ("nothing English", ["no country united kingdom", "no language english"]),
    ("French, not Italian", ["country france or language french", "no country italy", "no language italian"]),
    ("anything but Ana Quist", ["no directors ana quist"]),
    ("with Mia Hollis but without Cy Adler", ["cast mia hollis", "no cast cy adler"]),
    ("not only French", []),
    ("a Japanese film with English subtitles", ["country japan or language japanese"]),
]  # fmt: skip


def told(constraint: Constraint) -> str:
    named = sorted(f"{facet} {value}" for facet, values in constraint.alternatives for value in values)
    return "no " * (constraint.operator == "$nin") + " or ".join(named)


def profile(*messages: str) -> Profile:
    """What is known after these messages, a turn each."""
    turns = [
        Turn(f"t{at}", "s1", "ann", float(at), message, UNDERSTANDER.understand(message)) for at, message in enumerate(messages)
    ]
    return infer(turns, [], CINEMA, 100.0, "s1")


def conditions(*messages: str) -> list[str]:
    return sorted(told(constraint) for constraint in profile(*messages).constraints)


def allowed(*messages: str) -> list[str]:
    kept = rows_allowed(CINEMA, profile(*messages).constraints)
    return [item.id for item, keeps in zip(CINEMA, kept, strict=True) if keeps]


@pytest.mark.parametrize(("message", "expected"), CONDITIONS, ids=[message for message, _ in CONDITIONS])
def test_countries_languages_and_people_are_conditions(message, expected):
    assert conditions(message) == expected


@pytest.mark.parametrize("message", [
    "like Ana Quist", "something like Ana Quist", "as good as Ana Quist", "like an Ana Quist film", "similar to Ana Quist",
    "in the style of Ana Quist", "Ana Quist-like", "not too French",
])  # fmt: skip
def test_a_likeness_or_a_degree_is_a_wish_and_no_condition(message):
    understanding = UNDERSTANDER.understand(message)
    assert understanding.constraints == () and understanding.wishes


@pytest.mark.parametrize(
    "message", ["boats but no boats", "boats, not boats", "like Ana Quist, but not by Ana Quist", "no boats. Boats!"]
)
def test_a_wish_that_the_same_message_bans_is_dropped(message):
    understanding = UNDERSTANDER.understand(message)
    assert understanding.wishes == ()
    assert [constraint.operator for constraint in understanding.constraints] == ["$nin"]


@pytest.mark.parametrize("message", ["for my kids, boats or French", "for my kids, something with Cy Adler, or French"])
def test_an_or_of_other_things_leaves_the_condition_for_children_alone(message):
    assert "content all ages" in conditions(message)


def test_a_condition_with_alternatives_is_kept_by_what_has_any_of_them():
    assert allowed("a French film") == ["snow", "ferry"]
    assert allowed("in Italian") == ["oven"]
    assert allowed("Japanese or Italian") == ["oven", "ferry", "crane"]
    assert allowed("nothing French") == ["oven", "crane", "fog"]
    assert allowed("with Mia Hollis and Cy Adler") == ["snow"]
    assert allowed("with Mia Hollis or Cy Adler") == ["snow", "oven", "ferry"]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (["with Mia Hollis and Cy Adler", "in French"], ["cast cy adler", "cast mia hollis", "language french"]),
        (["with Mia Hollis and Cy Adler", "with Iris Lund"], ["cast iris lund"]),
        (["French or Italian", "rather Japanese"], ["country japan or language japanese"]),
        (["no French films", "not by Bo Rask"], ["no country france", "no directors bo rask", "no language french"]),
        (["not in English", "in English after all"], ["language english"]),
        (["nothing English", "an English film"], ["country united kingdom or language english"]),
        (["not with Cy Adler", "with Mia Hollis or Cy Adler"], ["cast cy adler or cast mia hollis"]),
        (["no boats, no trains", "boats please"], ["no themes trains"]),
        (["with Cy Adler", "not with Cy Adler"], ["no cast cy adler"]),
        (["a French film", "no French films"], ["no country france", "no language french"]),
        (["for my kids", "not for kids"], ["no content all ages"]),
        (["in French", "from Italy"], ["country italy", "language french"]),
    ],
    ids=" – ".join,
)  # fmt: skip
def test_what_is_said_later_adds_to_or_replaces_what_was_said_before(messages, expected):
    assert conditions(*messages) == expected


def test_the_answers_json_names_every_value_of_a_condition_under_its_facet():
    assert profile_json(profile("a French film"))["constraints"] == {
        "country": {"$in": ["france"], "$or": {"language": {"$in": ["french"]}}}
    }
    assert profile_json(profile("not in English"))["constraints"] == {"language": {"$nin": ["english"]}}


def test_the_answers_json_loses_no_alternative_of_two_conditions():
    assert "french" in json.dumps(profile_json(profile("French and Italian"))["constraints"])


def test_the_answers_json_tells_two_conditions_from_one_with_alternatives():
    both, either = profile("with Mia Hollis and Cy Adler"), profile("with Mia Hollis or Cy Adler")
    assert profile_json(both)["constraints"] != profile_json(either)["constraints"]


def test_a_condition_with_alternatives_is_told_with_or():
    (either,) = profile("with Mia Hollis or Cy Adler").constraints
    assert constraint_text(either, CINEMA) == "only mia hollis or cy adler"


@pytest.fixture(scope="module")
def films() -> Understander:
    return Understander(read_catalogue("films"))


@pytest.mark.parametrize("message", [
    "set in London", "something for mature audiences", "a common story", "You pick something funny", "a film about a prince",
    "by David Ayer", "a George Orwell story", "set in the Congo", "a bale of hay", "about Christopher Columbus",
])  # fmt: skip
def test_no_other_word_is_taken_for_a_person_of_the_built_in_films(films, message):
    assert films.understand(message).constraints == ()


@pytest.mark.parametrize(("message", "person"), [
    ("with Madonna", "madonna"), ("a film with Hanks in it", "tom hanks"), ("the new Tarantino", "quentin tarantino"),
    ("something by Kurosawa", "akira kurosawa"), ("starring meryl streep", "meryl streep"),
])  # fmt: skip
def test_people_are_known_by_the_names_they_go_by(films, message, person):
    (condition,) = films.understand(message).constraints
    assert (condition.operator, condition.value) == ("$in", (person,))


@pytest.mark.parametrize(
    "message",
    [
        "I used to watch that series in the eighties.",
        "Isn't that a 90's movie think I have",
        "It came out in 2008.",
        "Yeah, I thought it was from the 70s",
        "I really loved that one, it was a film from 2019",
        "That was not an action film, it was a drama.",
    ],
)
def test_what_is_told_of_something_there_is_sets_no_condition(catalogue, message):
    assert Understander(catalogue).understand(message).constraints == ()


@pytest.mark.parametrize(
    ("message", "facet"),
    [
        ("I loved Low Orbit, but nothing after 1990 please", "year"),
        ("It was good. Something from the 80s now", "year"),
        ("It's for my niece, no horror", "genres"),
        ("that is too long, under 100 minutes please", "runtime"),
        ("after 2000 please", "year"),
    ],
)
def test_what_is_asked_beside_it_does(catalogue, message, facet):
    assert [constraint.facet for constraint in Understander(catalogue).understand(message).constraints][:1] == [facet]
