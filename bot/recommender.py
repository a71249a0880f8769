"""The flow of one turn: understand, infer, embed, rank, show, explain. Whatever speaks to people reads this generator."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_core.language_models.chat_models import BaseChatModel

from bot import template
from bot.events import Event, EventLog
from bot.explanation import Explanation, explain
from bot.moments import moment_of, observe
from bot.profile import Profile, infer
from bot.session import Session, Turn, Understanding
from bot.understanding import Understander
from retrieval.catalogue import Catalogue
from retrieval.errors import ReadableError
from retrieval.index import Query, Vector
from retrieval.ranker import Ranker
from retrieval.ranking import Slate, again, rank
from retrieval.sources import Sources

LONGEST_MESSAGE = 2_000  # characters: what people type, ten times over
SEEDS = 20  # items whose likes count at a time
# Of scores in standard deviations. Chosen on the 60 + 30 requests of tests/bench/asked/*_dev.jsonl, never on _test; what
# past conversations teach begins small and moves as they come.
LEARNT = (
    "title_said", "title_message", "kinds_said", "kinds_last", "plain_said", "plain_last",
    "names_message", "names_last", "names_said", "names_all",
    "like_plain", "like_plain_newest", "like_kinds", "like_names", "like_names_newest", "like_title", "like_numbers",
    "often_named", "busy_15", "busy_60", "busy_180", "busy_720", "busy_ever", "well_liked",
)  # fmt: skip
WEIGHTS: Mapping[str, float] = {
    "lexical": 0.15, "wishes": 0.25, "similar": 0.25, "examples": 0.4, "popular": 0.1,
    "dense_intent": 1.0, "dense_session": 0.2, "dense_long_term": 0.15,
    **dict.fromkeys(("past_message", "past_last", "past_said", "past_all", "past_letters", "often_taken"), 0.05),
    **dict.fromkeys(("together", "together_newest", "after"), 0.05),
    **dict.fromkeys(
        ("others_beside", "others_beside_newest", "others_follows", "others_follows_newest", "others_near", "others_far",
         "others_onwards"), 0.05,
    ),
    **dict.fromkeys(LEARNT, 0.0),
}  # fmt: skip
SHIPPED = Ranker(WEIGHTS)
DIVERSITY = 0.15  # the dial of diversify


class MessageError(ReadableError):
    """A message that cannot be answered as it is."""


@dataclass(frozen=True, slots=True)
class SlateReady:
    """The slate and the profile behind it; comes first, before any word."""

    slate: Slate
    profile: Profile
    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Words:
    """More of the words: one checked sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer. `timings_ms`: understand, embed, retrieve, rank, cards, first_word, total."""

    turn: Turn
    slate: Slate
    profile: Profile
    explanation: Explanation
    timings_ms: Mapping[str, float]


ReplyEvent = SlateReady | Words | Done


@dataclass(frozen=True)
class Recommender:
    """The live parts of a conversation about one catalogue. `chat` None: the template speaks."""

    catalogue: Catalogue
    understander: Understander
    sources: Sources
    embeddings: Embeddings | None
    chat: BaseChatModel | None
    log: EventLog
    ranker: Ranker = SHIPPED
    diversity: float = DIVERSITY
    exploration: float = 0.0  # share of slates whose last place is open to chance
    k: int = 5
    clock: Callable[[], float] = time.time

    def reply(self, session: Session, message: str, *, speak: bool = True, k: int = 0) -> Iterator[ReplyEvent]:
        """Answer one message: SlateReady, then Words, then Done. Closing the iterator stops the model.

        Raises MessageError for a message that is empty or too long; nothing is logged then.
        """
        message = _checked(message)
        timings = Timings()
        before = self.log.session(session.user, session.id)
        shown = self.log.slate_items(before.turns[-1].slate_id) if before and before.turns else ()
        understanding = self.understander.understand(message, shown)
        timings.mark("understand")
        turn = self._turn(session, message, understanding)
        notice = template.notice(understanding, self.catalogue)
        yield from self._answer(turn, timings, speak=speak, k=k or self.k, notice=notice)

    def react(self, session: Session, event: Event, *, k: int = 0) -> Iterator[ReplyEvent]:
        """Take in a deed and answer with the next slate, in the template's words."""
        timings = Timings()
        if self.log.append([event]):
            self._take_in(event)
        turn = self._turn(session, "", Understanding(intent="critique"))
        noted = template.noted(event.kind, self.catalogue[event.item])
        yield from self._answer(turn, timings, speak=False, k=k or self.k, notice=noted)

    def _take_in(self, event: Event) -> None:
        """Let the sources learn from a deed that is new."""
        observe(self.sources, event)
        found = moment_of(self.log.turns(event.user), event, self.catalogue) if event.slate_id else None
        if found:
            self.sources.memory.add(found[0])

    def profile(self, session: Session) -> Profile:
        """What is known of the session's user now."""
        turns, events = self.log.turns(session.user), self.log.of(session.user)
        return infer(turns, events, self.catalogue, self.clock(), session.id)

    def last_slate(self, session: Session) -> Slate | None:
        """The slate that stands in a session now, ranked anew for the same items; None before the first."""
        if not session.turns:
            return None
        turn = session.turns[-1]
        shown = self.log.slate_items(turn.slate_id)
        query = replace(self.query(self.profile(session), self.k), exclusions=frozenset())
        return again(shown, query, self.sources, self.ranker, turn.slate_id)

    def _answer(self, turn: Turn, timings: "Timings", *, speak: bool, k: int, notice: str) -> Iterator[ReplyEvent]:
        turns = (*self.log.turns(turn.user), turn)
        profile = infer(turns, self.log.of(turn.user), self.catalogue, self.clock(), turn.session_id)
        query = self.query(profile, k)
        timings.mark("embed")
        retrieved = self.sources.retrieve(query, self.ranker.counted)
        timings.mark("retrieve")
        slate = rank(query, retrieved, self.sources, self.ranker, self.diversity, turn.slate_id, self.exploration)
        timings.mark("rank")
        if not self.log.has_session(turn.session_id):  # the user had everything erased in the meantime
            return
        self.log.append_turn(turn, slate.item_ids, slate.recommendations[-1].propensity if slate.recommendations else 1.0)
        timings.mark("cards", since_start=True)
        yield SlateReady(slate, profile, turn.understanding)
        said = Explanation()
        try:
            for grown in explain(slate, _request(turn, profile), self.catalogue, self.chat if speak else None, notice):
                new = [sentence.text for sentence in grown.sentences[len(said.sentences) :]]
                said = grown
                timings.mark("first_word", since_start=True, once=True)
                if new:
                    yield Words(" ".join(new))
        finally:
            turn = replace(turn, words=said.text)
            self.log.add_words(turn)
        timings.mark("total", since_start=True)
        yield Done(turn, slate, profile, said, timings.milliseconds)

    def query(self, profile: Profile, k: int) -> Query:
        """What is asked of retrieval for a profile: its embedded texts, wishes, seeds and conditions."""
        return Query(
            k=k, text=profile.search_text, vectors=self._vectors(profile), wishes=profile.wishes,
            seeds=_seeds(profile), examples=profile.examples, constraints=profile.constraints,
            exclusions=profile.exclusions, recent=profile.recent, named=profile.named, texts=profile.texts,
            person=profile.user, now=profile.now or None,
        )  # fmt: skip

    def _vectors(self, profile: Profile) -> dict[str, Vector]:
        """The embedded profile: what is wanted now, what was said before, and the taste that deeds show."""
        vectors: dict[str, Vector] = {}
        if self.embeddings is not None:
            if profile.intent_text:
                vectors["intent"] = self._embedded(profile.intent_text)
            if profile.session_texts:  # each was the newest once, so that its vector is remembered
                vectors["session"] = _unit(np.sum([self._embedded(text) for text in profile.session_texts], axis=0))
            taste = self._taste(profile)
            if taste is not None:
                vectors["long_term"] = taste
        return vectors

    def _embedded(self, text: str) -> Vector:
        assert self.embeddings is not None
        return np.asarray(self.embeddings.embed_query(text), dtype=np.float32)

    def _taste(self, profile: Profile) -> Vector | None:
        seeds = [(item, weight) for item, weight in _seeds(profile) if weight > 0]
        if not seeds:
            return None
        rows = [self.catalogue.rows[item] for item, _ in seeds]
        return _unit(np.array([weight for _, weight in seeds], dtype=np.float32) @ self.sources.index.vectors[rows])

    def _turn(self, session: Session, text: str, understanding: Understanding) -> Turn:
        return Turn(secrets.token_hex(8), session.id, session.user, self.clock(), text, understanding, secrets.token_hex(8))


class Timings:
    """A stopwatch of named stages, in milliseconds."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.milliseconds: dict[str, float] = {}

    def mark(self, stage: str, *, since_start: bool = False, once: bool = False) -> None:
        """Note the time since the last mark (or since the start) under `stage`."""
        now = time.perf_counter()
        if not (once and stage in self.milliseconds):
            self.milliseconds[stage] = round(1_000 * (now - (self._start if since_start else self._last)), 2)
        self._last = now


def _checked(message: str) -> str:
    text = " ".join(message.encode(errors="replace").decode().split())  # halves of characters cannot be kept
    if not text:
        raise MessageError("The message is empty: say what you are after.")
    if len(text) > LONGEST_MESSAGE:
        raise MessageError(f"The message has {len(text):,} characters; at most {LONGEST_MESSAGE:,} are read.")
    return text


def _seeds(profile: Profile) -> tuple[tuple[str, float], ...]:
    """The items whose likes and dislikes count now, the strongest first."""
    return tuple(sorted(profile.affinities.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:SEEDS])


def _unit(vector: Vector) -> Vector:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _request(turn: Turn, profile: Profile) -> str:
    """The user's own words that the explanation may lean on: this message, else what this session is about."""
    return turn.text or profile.intent_text or "; ".join(profile.session_texts) or "something good"
