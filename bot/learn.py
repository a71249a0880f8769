"""Fits a new ranker version from what is logged and imported, and judges it on moments it has not seen."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot import past_dialogues, past_events
from bot.moments import evidence, logged_moments
from bot.parts import Progress
from bot.profile import infer
from bot.recommender import Recommender
from retrieval.errors import ReadableError
from retrieval.learning import Lesson, learn, remembered
from retrieval.ranker import Ranker
from retrieval.ranking import fuse
from retrieval.sources import Sources

ENOUGH = 20  # moments; with fewer there is nothing to hold out
HELD_OUT = 5  # one conversation in so many judges the new weights
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Learnt:
    """A fitted ranker, what it was learnt from, and Recall@10 on held-out moments with the old weights and with new ones."""

    ranker: Ranker
    moments: int
    before: float
    after: float

    @property
    def better(self) -> bool:
        """Whether it is to come into use."""
        return self.after >= self.before


def learn_from_log(recommender: Recommender, progress: Progress) -> Learnt:
    """Fit on four conversations of five and judge on the fifth, then fit on all. Raises ReadableError with too few moments."""
    log = recommender.log
    lessons = [
        *past_dialogues.lessons_of(recommender, list(log.all_dialogues()), progress), *_logged(recommender),
        *past_events.lessons_of(recommender, evidence(log)[1], progress),
    ]  # fmt: skip
    if len(lessons) < ENOUGH:
        held = f"{len(lessons)} moments in which something was taken are logged or imported"
        raise ReadableError(f"only {held}; {ENOUGH} are needed to learn from")
    held = [zlib.crc32(lesson.moment.conversation.encode()) % HELD_OUT == 0 for lesson in lessons]
    seen = [lesson for lesson, apart in zip(lessons, held, strict=True) if not apart]
    unseen = [lesson for lesson, apart in zip(lessons, held, strict=True) if apart]
    progress("fitting the ranker", 0, 0)
    sources, old = recommender.sources, recommender.ranker
    remembering = remembered(sources, seen)
    judged = learn(seen, sources, old)
    before, after = (_found(ranker, unseen, remembering) for ranker in (old, judged))
    return Learnt(learn(lessons, sources, old), len(lessons), before, after)


def _logged(recommender: Recommender) -> list[Lesson]:
    """The moments of the site's own visitors, each with the profile as it was then."""
    catalogue = recommender.catalogue
    turns, events = evidence(recommender.log)
    found: list[Lesson] = []
    for moment, turn in logged_moments(turns, events, catalogue):
        said = [t for t in turns if t.user == turn.user and (t.time, t.id) <= (turn.time, turn.id)]
        done = [event for event in events if event.user == turn.user and event.time < turn.time]
        query = replace(
            recommender.query(infer(said, done, catalogue, turn.time, turn.session_id), DEPTH), exclusions=frozenset()
        )
        found.append(Lesson(moment, lambda sources, query=query: sources.retrieve(query)))
    return found


def _found(ranker: Ranker, lessons: Sequence[Lesson], sources: Sources) -> float:
    """Recall@10 of what was taken, among what had not been named."""
    hits: list[bool] = []
    for lesson in lessons:
        fused = fuse(lesson.retrieve(sources), ranker, lesson.moment.named, DEPTH + len(lesson.moment.named))
        shown = [item for item, _, _ in fused if item not in lesson.moment.named][:DEPTH]
        hits += [item in shown for item in lesson.moment.taken if item not in lesson.moment.named]
    return float(np.mean(hits)) if hits else 0.0
