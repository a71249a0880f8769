"""The parts as they are built for use, real model and built-in films included: conditions hold and words are true."""

import re
import shutil
from itertools import islice
from pathlib import Path

import pytest

from bot import parts
from bot.data_folder import DataFolder
from bot.explanation import EXPLAINED, check_claims
from bot.recommender import Done, SlateReady, Words
from bot.settings import Settings
from retrieval.catalogue import BUILT_IN
from tests.conversing import after, answer
from tests.speaking import watched

pytestmark = pytest.mark.model

ITEMS = 150
ALIEN = "something like Alien but not horror, after 2000"
MESSAGES = (
    ALIEN, "a quiet film about space", "funny and clever, but no animation", "a sad love story", "crime from the 1950s",
    "more like Finding Nemo, for the whole family",
)  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """The first lines of the built-in films beside their own description."""
    folder = tmp_path_factory.mktemp("films")
    shutil.copy(BUILT_IN / "films" / "catalogue.toml", folder)
    with (BUILT_IN / "films" / "catalogue.jsonl").open(encoding="utf-8") as lines:
        (folder / "catalogue.jsonl").write_text("".join(islice(lines, ITEMS)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(films, models_folder, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    (data / "models").symlink_to(models_folder, target_is_directory=True)
    built = parts.build(Settings(data=data, catalogue=str(films)), DataFolder(data), needs_model=True)
    yield built
    built.close()


@pytest.fixture
def recommender(built):
    return built.recommender


@pytest.fixture
def session(recommender):
    return recommender.log.start_session("ann", 0.0)


def titles_in(words, catalogue, slate):
    """The titles of the catalogue in `words`, those within a longer title of the slate not counted twice."""
    on_slate = sorted((r.item.title for r in slate.recommendations), key=len, reverse=True)
    found = {title for title in on_slate if title in words}
    for title in on_slate:
        words = words.replace(title, "_")
    return found | {item.title for item in catalogue if re.search(rf"(?<!\w){re.escape(item.title)}(?!\w)", words)}


def explained(done):
    """What is said of the cards: the words without the question that is asked back."""
    asked = done.question.text if done.question else ""
    assert done.explanation.text.endswith(asked)
    return done.explanation.text.removesuffix(asked)


def test_like_alien_but_not_horror_after_2000(recommender, session):
    done = answer(recommender, session, ALIEN)
    assert len(done.slate.recommendations) == 5
    assert not done.slate.relaxed
    for recommendation in done.slate.recommendations:
        assert "horror" not in recommendation.item.words("genres")
        assert recommendation.item.number("year") >= 2001
        assert recommendation.item.title != "Alien"
    assert sum("science fiction" in r.item.words("genres") for r in done.slate.recommendations) >= 2
    assert {constraint.facet for constraint in done.profile.constraints} == {"genres", "year"}


def test_conditions_hold_through_the_conversation(recommender, session):
    answer(recommender, session, ALIEN)
    second = answer(recommender, session, "rather something funny")
    third = after(recommender, session, "dislike", second.slate.item_ids[0])
    for done in (second, third):
        assert all("horror" not in r.item.words("genres") and r.item.number("year") > 2000 for r in done.slate.recommendations)
    assert second.slate.item_ids[0] not in third.slate.item_ids


@pytest.mark.parametrize("message", MESSAGES)
def test_the_words_speak_of_the_cards_and_only_of_what_is_true(recommender, session, message):
    done = answer(recommender, session, message)
    catalogue = recommender.catalogue
    named = titles_in(done.explanation.text, catalogue, done.slate)
    assert named
    seeds = {catalogue[item].title for item in done.profile.affinities}  # "close to Alien": the user named it
    assert named <= {recommendation.item.title for recommendation in done.slate.recommendations} | seeds
    assert {position for sentence in done.explanation.sentences for position in sentence.positions} >= {1, 2, 3}
    kept, dropped = check_claims(explained(done), done.slate, message, catalogue)
    assert dropped == []
    assert len(kept) >= EXPLAINED


def test_the_model_says_some_of_the_words(recommender):
    by = []
    for number, message in enumerate(MESSAGES):
        session = recommender.log.start_session(f"listener-{number}", 0.0)
        by += [sentence.by for sentence in answer(recommender, session, message).explanation.sentences]
    assert by.count("model") >= len(MESSAGES) / 2


def test_cards_come_before_the_model_has_said_a_word(recommender, session):
    with watched(recommender.chat) as steps:
        events = recommender.reply(session, "a quiet film about space")
        first = next(events)
        assert isinstance(first, SlateReady)
        assert len(first.slate.recommendations) == 5
        assert steps == []
        kinds = [type(event) for event in events]
        assert steps
    assert kinds[-1] is Done
    assert kinds[:-1] and set(kinds[:-1]) == {Words}


def test_nothing_is_lost_when_the_words_are_stopped(recommender, session):
    events = recommender.reply(session, "a quiet film about space")
    slate = next(events).slate
    next(events)
    events.close()
    turn = recommender.log.session("ann", session.id).turns[-1]
    assert turn.text == "a quiet film about space" and turn.words
    assert recommender.log.slate_items(turn.slate_id) == slate.item_ids


def test_without_a_language_model_the_template_speaks(films, tmp_path):
    built = parts.build(Settings(data=tmp_path, catalogue=str(films), language_model="off"), DataFolder(tmp_path))
    try:
        recommender = built.recommender
        assert (built.language_model, built.model_problem, recommender.chat) == (None, "", None)
        done = answer(recommender, recommender.log.start_session("ann", 0.0), ALIEN)
        assert {sentence.by for sentence in done.explanation.sentences} == {"template"}
        assert all(r.item.title in done.explanation.text for r in done.slate.recommendations[:EXPLAINED])
        assert all("horror" not in r.item.words("genres") and r.item.number("year") > 2000 for r in done.slate.recommendations)
        _, dropped = check_claims(explained(done), done.slate, ALIEN, recommender.catalogue)
        assert dropped == []
    finally:
        built.close()
