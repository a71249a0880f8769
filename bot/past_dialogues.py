"""Logged conversations asked through the live flow: what they teach, and how it would have ranked at their moments."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.dialogues import Dialogue
from bot.evaluation import DEEPEST, Ranked, milliseconds_since, ranking
from bot.parts import Progress
from bot.profile import infer, stretches
from bot.recommender import Recommender
from bot.session import Turn
from retrieval.index import Query
from retrieval.learning import Lesson
from retrieval.memory import Moment

SECONDS_APART = 60.0  # between the turns of a logged conversation, which tell no time


class Asker:
    """Turns the context of a dialogue into what the live flow would ask of retrieval at that moment."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender
        self._understand = lru_cache(maxsize=50_000)(recommender.understander.understand)

    def query(self, dialogue: Dialogue) -> Query:
        """The query of a moment: nothing excluded, so that what was mentioned stays in the ranking."""
        turns = self._turns(dialogue)
        profile = infer(turns, [], self._recommender.catalogue, SECONDS_APART * len(turns), dialogue.id)
        mentioned = profile.named if dialogue.mentioned is None else dialogue.mentioned
        query = self._recommender.query(profile, DEEPEST)
        named = tuple(dict.fromkeys(mentioned))
        texts = stretches(dialogue.context)
        return replace(query, exclusions=frozenset(), named=named, recent=named, texts=texts, now=None)

    def before(self, dialogue: Dialogue) -> None:
        """Do beforehand what the live flow has done by the time of the newest message."""
        self.query(replace(dialogue, context=dialogue.context[:-1]))

    def _turns(self, dialogue: Dialogue) -> list[Turn]:
        turns: list[Turn] = []
        for at, (role, text) in enumerate(dialogue.context):
            if role == "user":
                understood = self._understand(text)
                turns.append(Turn(f"{at:04}", dialogue.id, dialogue.id, SECONDS_APART * at, text, understood))
            elif turns:
                turns[-1] = replace(turns[-1], words=f"{turns[-1].words} {text}".strip())
        return turns


def lessons_of(recommender: Recommender, dialogues: Sequence[Dialogue], progress: Progress) -> list[Lesson]:
    """What each dialogue teaches: its moment, and how the live flow would have retrieved for it."""
    asker, lessons = Asker(recommender), list[Lesson]()
    for done, dialogue in enumerate(dialogues, 1):
        query = asker.query(dialogue)
        moment = Moment(dialogue.id, query.texts, query.named, dialogue.taken)
        lessons.append(Lesson(moment, lambda sources, query=query: sources.retrieve(query)))
        progress("reading dialogues", done, len(dialogues))
    if recommender.talk:
        recommender.talk.know([lesson.moment.newest for lesson in lessons])
    return lessons


def rank_all(recommender: Recommender, dialogues: Sequence[Dialogue], *, new: bool, progress: Progress) -> Iterator[Ranked]:
    """The ranking of each dialogue, as the live flow makes it; with `new`, without what was mentioned already."""
    asker = Asker(recommender)
    for done, dialogue in enumerate(dialogues, 1):
        asker.before(dialogue)
        started = time.perf_counter()
        query = asker.query(dialogue)
        ids = ranking(recommender, query)
        spent = milliseconds_since(started)
        kept = tuple(item for item in ids if not (new and item in query.named))[:DEEPEST]
        yield Ranked({"dialog_id": dialogue.id, "turn": dialogue.turn}, dialogue.id, dialogue.targets, query.named, kept, spent)
        progress("ranking dialogues", done, len(dialogues))
