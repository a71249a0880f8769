"""Remarks that set no condition: asked about something there is, told of it, liked at all times; and "something else"."""

import numpy as np
import pytest

from bot.recommender import Recommender
from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from retrieval.sources import Sources
from tests.conversing import answer

FILMS = read_catalogue("films")
UNDERSTANDER = Understander(FILMS)
NO_CONDITION = [
    "Have you seen any war films from the eighties?",
    "Did you know that a new one comes out in 2024?",
    "So you don't like horror?",
    "its an old one that was released in 2007",
    "My favourite part was when it sounded like an 80s song",
    "I watched the sequel, but I thought that was from the 70s",
    "Low Tide is from 1999 and has many familiar faces",
    "It is not a comedy, but I laughed a lot",
    "Tom Hanks is not an action star",
    "No I like drama",
    "no it's a western",
    "Who doesn't like a western?",
    "You cannot dislike Tom Hanks",
    "I am not sure who plays in that western",
    "I had no idea Clint Eastwood was a director",
    "I usually watch thrillers from the nineties",
    "I'm a big fan of French films",
]
ASKED = [
    ("something that is not scary", "genres"),
    ("as long as it's not horror I'm fine", "genres"),
    ("a comedy from the nineties", "year"),
    ("I'm looking for films from the nineties", "year"),
    ("I love westerns, can you recommend one from the sixties?", "year"),
    ("I'd like a French film", "country"),
    ("I don't like horror", "genres"),
    ("I want one that was made in 1994", "year"),
    ("not war", "genres"),
]


@pytest.mark.parametrize("message", NO_CONDITION)
def test_a_remark_sets_no_condition(message):
    assert UNDERSTANDER.understand(message).constraints == ()


@pytest.mark.parametrize(("message", "facet"), ASKED)
def test_what_is_asked_for_is_a_condition(message, facet):
    assert facet in {constraint.facet for constraint in UNDERSTANDER.understand(message).constraints}


def test_what_somebody_likes_at_all_times_is_preferred_but_no_condition():
    heard = UNDERSTANDER.understand("I really love thrillers from the nineties")
    assert heard.constraints == () and {c.facet for c in heard.preferred} == {"year"}
    assert "thriller" in {wish.value for wish in heard.wishes}
    liked = UNDERSTANDER.understand("I am a fan of French films")
    assert "france" in {wish.value for wish in liked.wishes}


def test_a_preferred_year_moves_the_slate_without_closing_it(log):
    sources = Sources.of(FILMS, np.zeros((len(FILMS), 1), dtype=np.float32))
    recommender = Recommender(FILMS, UNDERSTANDER, sources, None, None, log)

    def years(message: str) -> list[float]:
        slate = answer(recommender, log.start_session(message, 0.0), message).slate
        return [recommendation.item.number("year") for recommendation in slate.recommendations]

    nineties = [1990 <= year < 2000 for year in years("I love thrillers from the nineties")]
    assert sum(nineties) > sum(1990 <= year < 2000 for year in years("I love thrillers"))
    done = answer(recommender, log.start_session("reasons", 0.0), "I love thrillers from the nineties")
    told = [reason.fact for reason in done.slate.recommendations[0].reasons]
    assert "from the nineties" in told
    assert done.profile.constraints == ()


@pytest.mark.parametrize(
    "message", ["something else", "what else do you have?", "none of these", "show me more", "any others?", "next"]
)
def test_what_was_shown_is_passed_over_and_the_subject_goes_on(message, log):
    sources = Sources.of(FILMS, np.zeros((len(FILMS), 1), dtype=np.float32))
    recommender = Recommender(FILMS, UNDERSTANDER, sources, None, None, log)
    session = log.start_session("ann", 0.0)
    first = answer(recommender, session, "a western").slate
    then = answer(recommender, session, message).slate
    again = answer(recommender, session, message).slate
    assert len({*first.item_ids, *then.item_ids, *again.item_ids}) == 15, "nothing twice"
    for slate in (then, again):
        assert all("western" in recommendation.item.words("genres") for recommendation in slate.recommendations)


@pytest.mark.parametrize(
    "message", ["something other than a comedy", "a western", "more violent than that", "no other thoughts"]
)
def test_other_messages_pass_nothing_over(message):
    assert UNDERSTANDER.understand(message, ["heat-1995"]).passed == ()
