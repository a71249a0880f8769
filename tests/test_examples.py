"""Examples: the items that the newest words name ("like Alien"), which speak louder than what was liked before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import Event
from bot.profile import infer
from bot.session import Mention, Session, Turn, Understanding
from retrieval.constraints import Constraint
from retrieval.index import Query
from tests.conversing import NOW, after, answer
from tests.made_up import film, keeps, random_shelf, shelf, sources_of

SOURCES = sources_of(random_shelf(40))
CATALOGUE = SOURCES.index.catalogue
SMALL = sources_of(
    shelf(
        film("one", ("comedy", "western"), ("quiet",)),
        film("twin", ("comedy", "western"), ("quiet",)),
        film("stranger", ("horror",), ("dark",)),
    )
)


@pytest.fixture
def session(log) -> Session:
    return log.start_session("ann", NOW)


def said(number: int, *mentions: Mention, session: str = "s1", intent: str = "refine", looked_for: str = "") -> Turn:
    heard = Understanding(intent, mentions, search_text=looked_for, meaning_text=looked_for)
    return Turn(f"t{number}", session, "ann", NOW + number, "…", heard)


def examples(catalogue, *turns: Turn, events: tuple[Event, ...] = ()) -> tuple[str, ...]:
    return infer(turns, events, catalogue, NOW + 100, "s1").examples


def proposed(query: Query, sources=SOURCES) -> dict[str, float]:
    """What the source of examples proposes, best first, with its scores."""
    return {found.item_id: found.score for found in sources.retrieve(query).candidates.get("examples", ())}


def test_the_items_that_the_newest_words_speak_well_of_are_the_examples(catalogue):
    earlier, newest = said(1, Mention("kite-1995", 1.0)), said(2, Mention("orbit-2009", 1.0), Mention("signal-1979", 1.0))
    assert examples(catalogue, earlier) == ("kite-1995",)
    assert examples(catalogue, earlier, newest) == examples(catalogue, newest, earlier) == ("orbit-2009", "signal-1979")


def test_words_that_look_for_something_else_leave_no_example(catalogue):
    assert examples(catalogue) == ()
    assert examples(catalogue, said(1, Mention("kite-1995", 1.0)), said(2, looked_for="a heist")) == ()


def test_words_that_only_narrow_what_is_looked_for_keep_the_examples(catalogue):
    named = said(1, Mention("kite-1995", 1.0))
    assert examples(catalogue, named, said(2)) == examples(catalogue, named, said(2, Mention("vault-2001", -1.0)))
    assert examples(catalogue, named, said(2)) == ("kite-1995",)


@pytest.mark.parametrize("sentiment", [-1.0, 0.0])
def test_an_item_spoken_ill_of_or_merely_named_is_no_example(catalogue, sentiment):
    assert examples(catalogue, said(1, Mention("orbit-2009", sentiment), Mention("kite-1995", 1.0))) == ("kite-1995",)


def test_a_deed_without_words_neither_makes_an_example_nor_ends_one(catalogue):
    named, deed = said(1, Mention("kite-1995", 1.0)), Turn("t2", "s1", "ann", NOW + 2, "", Understanding("critique"))
    like = Event("e1", "ann", "orbit-2009", "like", NOW + 2, None, "s1")
    assert examples(catalogue, said(1, looked_for="a heist"), deed, events=(like,)) == ()
    assert examples(catalogue, named, deed, events=(like,)) == ("kite-1995",)


def test_other_sessions_forgotten_words_and_lost_items_give_no_example(catalogue):
    named = said(1, Mention("kite-1995", 1.0))
    assert examples(catalogue, said(1, Mention("kite-1995", 1.0), session="s2")) == ()
    assert examples(catalogue, named, said(2, intent="forget")) == ()
    assert examples(catalogue, said(1, Mention("gone-1999", 1.0))) == ()


@pytest.mark.parametrize(("message", "named"), [
    ("something like Low Orbit", ("orbit-2009",)), ("I loved Signal and The Paper Kite", ("signal-1979", "kite-1995")),
    ("I hated Glass Vault", ()), ("I haven't seen Low Orbit", ()), ("a quiet film about space", ()),
])  # fmt: skip
def test_what_a_message_names_well_is_asked_of_retrieval_as_an_example(recommender, session, message, named):
    profile = answer(recommender, session, message).profile
    assert profile.examples == recommender.query(profile, 5).examples == named


def test_the_second_one_of_the_slate_is_an_example_too(recommender, session):
    shown = answer(recommender, session, "a quiet film about space").slate.item_ids
    assert answer(recommender, session, "more like the second one").profile.examples == (shown[1],)


def test_a_named_example_is_a_part_of_the_score_until_something_else_is_asked_for(recommender, session):
    def shares(done) -> list[bool]:
        return ["examples" in recommendation.contributions for recommendation in done.slate.recommendations]

    assert any(shares(answer(recommender, session, "something like Low Orbit")))
    assert any(shares(after(recommender, session, "like", "bakery-2005")))
    assert any(shares(answer(recommender, session, "but not horror, and after 1980")))
    assert not any(shares(answer(recommender, session, "a comedy")))


def test_a_like_by_button_is_a_seed_and_no_example(recommender, session):
    answer(recommender, session, "a comedy")
    profile = after(recommender, session, "like", "orbit-2009").profile
    assert (profile.examples, recommender.query(profile, 5).examples) == ((), ())
    assert profile.affinities["orbit-2009"] > 0


def test_an_example_is_not_shown_itself(recommender, session):
    assert "orbit-2009" not in answer(recommender, session, "something like Low Orbit").slate.item_ids


def test_examples_wake_a_source_of_their_own():
    assert set(SOURCES.retrieve(Query(examples=("film-3",))).candidates) == {"examples", "popular"}
    assert "examples" not in SOURCES.retrieve(Query(seeds=(("film-3", 1.0),))).candidates


def test_what_is_like_the_example_is_proposed_before_what_is_not():
    scores = proposed(Query(examples=("one",)), SMALL)
    assert scores["twin"] > scores.get("stranger", 0.0)


def test_an_example_that_the_catalogue_lost_is_passed_over():
    assert proposed(Query(examples=("film-3", "gone"))) == pytest.approx(proposed(Query(examples=("film-3",))))
    assert proposed(Query(examples=("gone",))) == {}


def test_an_example_keeps_no_condition_from_holding():
    drama = Constraint("genres", "$eq", "drama", "a drama")
    found = proposed(Query(examples=("film-3",), constraints=(drama,), exclusions=frozenset({"film-3"})))
    assert found and all(keeps(CATALOGUE[item], drama) for item in found)
    assert "film-3" not in found


@settings(deadline=None)
@given(named=st.lists(st.sampled_from([item.id for item in CATALOGUE]), min_size=1, max_size=4, unique=True))
def test_the_order_of_several_examples_changes_nothing_and_all_of_them_count(named):
    scores = proposed(Query(examples=tuple(named)))
    assert proposed(Query(examples=tuple(reversed(named)))) == pytest.approx(scores, abs=1e-4)
    likeness = np.mean([SOURCES.similar.scores(((item, 1.0),)) for item in named], axis=0)
    best = CATALOGUE.items[int(np.argmax(likeness))].id
    assert scores[best] == pytest.approx(max(scores.values()), abs=1e-4)
