"""Sentences about a slate: what the items' facts or the user's words carry is kept, everything else is dropped."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims import Claim, ClaimChecker, sentences
from bot.explanation import check_claims
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.ranking import Recommendation, Slate
from tests.conftest import FILMS


def film(item: str, title: str, year: int, genres: str, mood: str, themes: str, by: str, cast: str, minutes: int) -> Item:
    words = {"genres": genres, "mood": mood, "themes": themes, "directors": by, "cast": cast}
    facets = {name: tuple(said.split(", ")) for name, said in words.items()}
    return Item(item, title, "", {"year": float(year), "runtime": float(minutes), **facets})


ORBIT = film("orbit", "Low Orbit", 2009, "science fiction", "quiet, eerie", "space, loneliness", "Ana Quist", "Bo Rask", 97)
RUN = film("run", "Starlight Run", 2019, "science fiction, comedy", "funny", "space, heist", "Cy Adler", "Dee Voss", 104)
FOX = film("fox", "Mr. Fox 2", 2015, "animation", "playful", "foxes", "Ana Quist", "Eve Hall", 88)
EIGHT = film("eight", "8½", 1963, "drama", "melancholy", "memory", "Flo Gant", "Gil Moor", 138)
HARBOUR = film("harbour", "Cold Harbour", 1950, "film noir, crime", "dark, quiet", "smuggling", "Hal Iden", "Ivy Jones", 96)
LABELS = {"directors": "Directed by", "cast": "Starring"}
CATALOGUE = Catalogue(
    (ORBIT, RUN, FOX, EIGHT, HARBOUR),
    {name: Facet(name, "category", LABELS.get(name, name.capitalize())) for name in ("genres", "mood", "themes", *LABELS)}
    | {"year": Facet("year", "number", "Year"), "runtime": Facet("runtime", "number", "Runtime", unit="min")},
    "film", "films",
)  # fmt: skip


def slate_of(*items: Item) -> Slate:
    return Slate("s", tuple(Recommendation(item, rank, 1.0, {}) for rank, item in enumerate(items, 1)))


SLATE = slate_of(ORBIT, RUN, FOX, EIGHT)  # Cold Harbour stands outside


def kept(text: str, user_words: str = "something") -> list[str]:
    return [claim.text for claim in check_claims(text, SLATE, user_words, CATALOGUE)[0]]


TRUE = [
    "Low Orbit is a quiet science fiction film about space.",
    "Low Orbit (2009) is eerie and quiet.",
    "“Low Orbit” tells a story of loneliness in space.",
    "low orbit is a quiet film.",
    "Low Orbit was released in 2009.",
    "Low Orbit runs 97 minutes.",
    "Low Orbit was directed by Ana Quist.",
    "Low Orbit, starring Bo Rask, is about loneliness.",
    "Low Orbit is quiet, while Starlight Run is funny.",
    "Low Orbit and Starlight Run are both about space.",
    "Starlight Run is a science fiction comedy about a heist.",
    "Mr. Fox 2 is a playful animation about foxes.",
    "Mr. Fox 2 was directed by Ana Quist.",
    "8½ is a melancholy drama about memory.",
    "8½ was made in 1963.",
]
UNTRUE = [
    # another item
    "Low Orbit is as quiet as Cold Harbour.",
    "Cold Harbour is a dark film noir about smuggling.",
    "Try cold harbour, which is dark.",
    # numbers
    "Low Orbit (1999) is a quiet film.",
    "Low Orbit was released in 2010.",
    "Low Orbit runs 120 minutes.",
    "Low Orbit is the first of three quiet films.",
    "Low Orbit won 4 prizes.",
    # people
    "Low Orbit was directed by Cy Adler.",
    "Low Orbit was directed by Bo Rask.",
    "Low Orbit was directed by Ana Rask.",
    "Low Orbit, starring Ana Quist, is quiet.",
    "Low Orbit is a film by Spielberg.",
    # invented praise and plot
    "Low Orbit is a breathtaking science fiction film.",
    "Low Orbit is a quiet masterpiece about space.",
    "Low Orbit is about a war in space.",
    "Low Orbit is a heart-warming film.",
    # the facts of one item said of another
    "Low Orbit is funny, while Starlight Run is quiet.",
    "Low Orbit and Starlight Run are both funny.",
    "Low Orbit, like Starlight Run, is funny.",
    "Starlight Run is a funny heist and Low Orbit a comedy.",
    # negations
    "Low Orbit is not a science fiction film.",
    "Low Orbit isn't quiet.",
    "Low Orbit has no monsters.",
    # no claim at all
    "Low Orbit.", "1. Low Orbit", "- Low Orbit: quiet, eerie", "1. 2. 3.", "Sure, here is what I found!", "Enjoy Low Orbit!",
    "Here are three films.", "It is quiet.", "", "...",
]  # fmt: skip


@pytest.mark.parametrize("sentence", TRUE)
def test_a_sentence_that_the_facts_carry_is_kept(sentence):
    assert kept(sentence) == [sentence]


@pytest.mark.parametrize("sentence", UNTRUE)
def test_a_sentence_that_nothing_carries_is_dropped(sentence):
    assert kept(sentence) == []


def test_it_goes_on_about_the_item_of_the_sentence_before():
    text = "Starlight Run is a comedy. It is about a heist. The film runs 104 minutes."
    claims, dropped = check_claims(text, SLATE, "something", CATALOGUE)
    assert ([claim.positions for claim in claims], dropped) == ([(2,), (2,), (2,)], [])


def test_it_does_not_borrow_the_facts_of_another_item():
    assert kept("Low Orbit is quiet. It is about a heist.") == ["Low Orbit is quiet."]


def test_a_claim_names_the_positions_and_the_facts_that_carry_it():
    claim = ClaimChecker(SLATE, "", CATALOGUE).check("Mr. Fox 2 is a playful animation about foxes.")
    assert claim == Claim("Mr. Fox 2 is a playful animation about foxes.", (3,), ("animation", "foxes", "playful"))


def test_what_was_said_already_is_not_said_again():
    assert kept("Low Orbit is quiet. Low Orbit is quiet. Low Orbit is a quiet film.") == ["Low Orbit is quiet."]


def test_list_numbers_are_taken_off_true_sentences():
    text = "1. Low Orbit is a quiet film.\n2. Starlight Run is a funny film.\n- 8½ is a drama about memory."
    assert kept(text) == ["Low Orbit is a quiet film.", "Starlight Run is a funny film.", "8½ is a drama about memory."]


def test_titles_with_dots_and_numbers_do_not_cut_a_sentence():
    text = "Mr. Fox 2 is a playful film. 8½ is a drama."
    assert kept(text) == ["Mr. Fox 2 is a playful film.", "8½ is a drama."]


@pytest.mark.parametrize(
    ("user_words", "sentence", "holds"),
    [
        ("no horror please", "Low Orbit is quiet, and it is not horror.", True),
        ("no horror please", "Low Orbit is not a science fiction film.", False),
        ("something quiet", "You asked for something quiet, and Low Orbit is quiet.", True),
        ("something quiet", "You asked for a comedy, and Low Orbit is quiet.", False),
        ("something funny", "Low Orbit is the funny film you asked for.", False),
        ("something funny", "You will find Low Orbit funny.", False),
        ("something funny", "You asked for something funny, and Low Orbit is funny.", False),
        ("say that it won an oscar", "Low Orbit won an oscar.", False),
    ],
)
def test_the_users_own_words_carry_only_what_is_said_of_the_user(user_words, sentence, holds):
    assert kept(sentence, user_words) == ([sentence] if holds else [])


def test_sentences_are_cut_at_their_end_marks():
    assert sentences("One is here. Is it? Yes!\nLast") == ["One is here.", "Is it?", "Yes!", "Last"]


PATERSON = Item(
    "paterson", "Line 23", "A bus driver writes poems in his lunch break. Passengers ride through town. "
    "He owns no car, a small house and not one phone.",
    {"mood": ("quiet",), "themes": ("taxi driver",), "year": 2016.0, "runtime": 118.0},
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("In Line 23 a bus driver writes poems.", True),
        ("Line 23 is quiet: a bus driver writes in his break.", True),
        ("Line 23 is a quiet film in which passengers ride.", True),
        ("Line 23 is a film of 118 min about a taxi driver.", True),
        ("A bus driver writes poems and passengers ride in Line 23.", True),
        ("You asked for a poet and a driver: Line 23 has poems.", True),
        ("In Line 23 he owns no car and a small house.", True),
        ("For the poet you asked for, there is Line 23, where a driver writes poems.", True),
        ("For the poet you asked for: Line 23.", False),
        ("In Line 23 he owns a car.", False),
        ("In Line 23 he owns not one phone, no house.", False),
        ("In Line 23 no driver writes poems.", False),
        ("For the poet in Line 23 you asked.", False),
        ("In Line 23 poems drive a bus.", False),
        ("In Line 23 passengers write poems.", False),
        ("Line 23 follows a lunch that writes a driver.", False),
    ],
)
def test_words_of_a_description_keep_their_sentence_and_their_order(sentence, holds):
    catalogue = replace(CATALOGUE, items=(*CATALOGUE.items, PATERSON))
    checker = ClaimChecker(slate_of(PATERSON), "a poet and a driver", catalogue)
    assert (checker.check(sentence) is not None) == holds


MILL = replace(
    film("mill", "The Mill", 1947, "drama", "intense", "singers", "Ana Quist", "Bo Rask", 97),
    description="Young Vera leads a dozen singers up to a windy, draughty hall on a steep northern cliff above grey surf, "
    "to open a school before she weds.",
)


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("In The Mill Vera leads a dozen singers to a windy hall.", True),
        ("The Mill is a drama in which Vera leads singers to a hall.", True),
        ("In The Mill Vera opens a school before she weds.", False),  # far from where she is named
        ("In The Mill a dozen open a school.", False),
        ("In The Mill one opens a school before she weds.", True),
        ("In The Mill one opens a school before he weds.", False),
    ],
)
def test_no_statement_is_skipped_and_no_deed_given_to_another(sentence, holds):
    checker = ClaimChecker(slate_of(MILL), "something", replace(CATALOGUE, items=(MILL,)))
    assert (checker.check(sentence) is not None) == holds


FACETS = {"mood": 4, "genres": 3, "themes": 5}  # of a row of the shared catalogue


def shared_slate(catalogue: Catalogue, first: str) -> Slate:
    others = [item for item in catalogue if item.id != first][:2]
    return slate_of(others[0], catalogue[first], others[1])


def sentence_of(film: tuple, said: dict[str, str]) -> str:
    return f"{film[1]} is a {said['mood']} {said['genres']} film about {said['themes']}."


@given(film=st.sampled_from(FILMS), data=st.data())
def test_a_sentence_of_an_items_own_facts_is_always_kept(catalogue, film, data):
    own = {facet: data.draw(st.sampled_from(film[at])) for facet, at in FACETS.items()}
    sentence = sentence_of(film, own)
    assert ClaimChecker(shared_slate(catalogue, film[0]), "", catalogue).check(sentence) is not None


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("film", FILMS, ids=[film[0] for film in FILMS])
def test_a_value_that_the_item_lacks_always_drops_the_sentence(catalogue, film, facet):
    own = {name: film[at][0] for name, at in FACETS.items()}
    lacking = {value for other in FILMS for value in other[FACETS[facet]]} - set(film[FACETS[facet]])
    slate = shared_slate(catalogue, film[0])
    wrong = [sentence_of(film, own | {facet: value}) for value in sorted(lacking)]
    assert [sentence for sentence in wrong if ClaimChecker(slate, "", catalogue).check(sentence)] == []


LIKENED = "Low Orbit is close to The Paper Kite: both have space."


@pytest.mark.parametrize(
    ("user_words", "sentence", "holds"),
    [
        ("more like The Paper Kite", LIKENED, True),
        ("more like that", LIKENED, False),
        ("more like The Paper Kite", "Low Orbit is close to The Paper Kite: both have childhood.", False),
        ("more like The Paper Kite", "The Paper Kite is a film about space, as is Low Orbit.", False),
    ],
)
def test_only_a_title_that_the_user_named_may_be_likened_to(catalogue, user_words, sentence, holds):
    slate = slate_of(catalogue["orbit-2009"], catalogue["bear-2011"])
    assert bool(ClaimChecker(slate, user_words, catalogue).check(sentence)) is holds


@pytest.mark.parametrize("text", [
    "Low Orbit is a quiet film about space and a quiet film about space.",
    "Low Orbit stays quiet and eerie, quiet and eerie, quiet.",
])  # fmt: skip
def test_a_sentence_that_says_the_same_words_twice_is_dropped(text):
    assert kept(text) == []
    assert kept("Low Orbit is a quiet film about space.") != []


def test_for_fans_of_a_title_holds_where_the_item_itself_names_it():
    linked = {**CATALOGUE.facets, "fans": Facet("fans", "items", "For fans of")}
    orbit = Item(ORBIT.id, ORBIT.title, "", ORBIT.facets, links={"fans": ("harbour",)})
    catalogue = Catalogue((orbit, RUN, FOX, EIGHT, HARBOUR), linked, "film", "films")
    told = "{} is a film about space, listed for fans of Cold Harbour."
    for item, holds in ((orbit, True), (RUN, False)):
        claims, dropped = check_claims(told.format(item.title), slate_of(item), "more like Cold Harbour", catalogue)
        assert (len(claims), len(dropped)) == ((1, 0) if holds else (0, 1)), item.title
