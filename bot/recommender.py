"""The flow of one turn: understand, infer, embed, rank, show, explain. Whatever speaks to people reads this generator."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from langchain_core.embeddings import Embeddings
from langchain_core.language_models.chat_models import BaseChatModel

from bot import elicitation, metrics, standing, template, tracing
from bot.asking import query_of
from bot.corrections import Correction, counted, newest_entry
from bot.deeds import of_session
from bot.elicitation import Question
from bot.event_door import LOOKS_BACK, Admitted, admit
from bot.events import Event, EventLog
from bot.explanation import Explanation, Sentence, explain
from bot.meanings import TalkMeanings
from bot.moments import relearn, take_in, unlearn
from bot.profile import Profile, infer
from bot.proposals import Proposals
from bot.session import Intent, Session, Turn, Understanding
from bot.shipped_weights import DIVERSITY, SHIPPED
from bot.steps import LONGEST_MESSAGE, Done, MessageError, ReplyEvent, SlateReady, Words, checked, request_of, spoken_of_last
from bot.timings import Timings
from bot.understanding import Understander
from retrieval.catalogue import Catalogue
from retrieval.index import Query
from retrieval.ranker import Ranker
from retrieval.ranking import Slate, again, rank
from retrieval.sources import Sources

__all__ = ["LONGEST_MESSAGE", "Done", "MessageError", "Recommender", "ReplyEvent", "SlateReady", "Words"]

ANSWERED: frozenset[Intent] = frozenset({"accept", "ask_why", "ask", "undo", "forget"})  # after which nothing is asked back


def _new_id() -> str:
    return secrets.token_hex(8)


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
    new_id: Callable[[], str] = _new_id  # of turns, slates and corrections; exploration draws by the slate's
    _learning: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)  # one writer at a time
    talk: TalkMeanings | None = None  # by which the memory compares talk, where there is a model
    proposals: Proposals | None = None  # what a capable model reads beyond the rules

    def reply(self, session: Session, message: str, *, speak: bool = True, k: int = 0, focus: str = "") -> Iterator[ReplyEvent]:
        """Answer one message: SlateReady, then Words, then Done. Closing the iterator stops the model.

        `focus`: the item that the user looks at, which "this one" means; else it is the one spoken of last.
        Raises MessageError for a message that is empty or too long; nothing is logged then.
        """
        message = checked(message)
        timings = Timings()
        before = self.log.session(session.user, session.id)
        last = before.turns[-1] if before and before.turns else None
        shown = self.log.slate_items(last.slate_id) if last else ()
        asked = self.log.asked(session.id)
        skipped = elicitation.is_skip(message) and last is not None and last.id in asked
        focus = focus or spoken_of_last(last, shown)
        understanding = Understanding(intent="refine") if skipped else self._understood(message, shown, focus)
        timings.mark("understand")
        turn = self._turn(session, message, understanding)
        notice = template.SKIPPED if skipped else template.notice(understanding, self.catalogue)
        if understanding.intent == "undo":
            notice = template.CORRECTED["undo"] if self._undo(session) else template.NOTHING_TO_UNDO
        asking = None if understanding.intent in ANSWERED else tuple(asked.values())
        if not understanding.about and standing.set_right(last, self.log.corrections(session.user)):
            shown = ()
        yield from self._answer(turn, timings, speak=speak, k=k or self.k, notice=notice, asked=asking, shown=shown)

    def react(self, session: Session, event: Event, *, k: int = 0) -> Iterator[ReplyEvent]:
        """Take in a deed and answer with the next slate, in the template's words."""
        timings = Timings()
        with self._learning:
            if self.log.append([event]):
                take_in(self.sources, self.log, [event])
        turn = self._turn(session, "", Understanding(intent="critique"))
        noted = template.noted(event.kind, self.catalogue[event.item])
        yield from self._answer(turn, timings, speak=False, k=k or self.k, notice=noted)

    def admit(self, told: Sequence[Event]) -> Admitted:
        """Take in live deeds of one user through the one door: what is sound and new is logged, and learnt from at once."""
        if not told:
            return Admitted(())
        now, user = self.clock(), told[0].user
        with self._learning:
            known = self.log.known(user, now - LOOKS_BACK, [event.id for event in told])
            let_in = admit(told, known, self.catalogue, now)
            if self.log.append(let_in.events):
                take_in(self.sources, self.log, let_in.events)
        metrics.admitted(len(let_in.events), let_in.duplicates, len(let_in.refused))
        return let_in

    def recommend(self, session: Session, k: int = 0, *, logged: bool = False) -> tuple[Slate, str]:
        """A slate from the profile alone, and the version of that profile: another one for another log.

        `logged`: whether it stands in the log as what the session was shown now, by a turn without words.
        """
        turns, events = self.log.turns(session.user), self.log.of(session.user)
        corrections = self.log.corrections(session.user)
        profile = infer(turns, events, self.catalogue, self.clock(), session.id, corrections)
        query = replace(self.query(profile, k or self.k), now=None)
        retrieved = self.sources.retrieve(query, self.ranker.counted)
        slate = rank(query, retrieved, self.sources, self.ranker, self.diversity, self.new_id())
        if logged and self.log.has_session(session.id):
            turn = self._turn(session, "", Understanding(intent="critique"))
            self.log.append_turn(replace(turn, slate_id=slate.id), slate.item_ids)
        return slate, f"{len(turns)}.{len(events)}.{len(corrections)}"

    def correct(self, correction: Correction) -> bool:
        """Write down what a user takes back or sets right; the sources learn them anew. False where it is known already."""
        with self._learning:
            new = self.log.correct(correction)
            if new and correction.kind in ("undo", "forget"):
                relearn(self.sources, self.log, correction.user)
        return new

    def _understood(self, message: str, shown: Sequence[str], focus: str) -> Understanding:
        understanding = self.understander.understand(message, shown, focus)
        return self.proposals.added(message, understanding, shown) if self.proposals else understanding

    def _undo(self, session: Session) -> bool:
        """Take back what was said or done last in a session; False where nothing is left of it."""
        user, now = session.user, self.clock()
        left = counted(self.log.turns(user), self.log.of(user), self.log.corrections(user), session.id)
        here = [turn for turn in left.turns if turn.session_id == session.id]
        entry = newest_entry(here, of_session(left.events, session.id, now))
        return bool(entry) and self.correct(Correction(self.new_id(), user, "undo", now, entry))

    def set_right(self, session: Session, correction: Correction, *, k: int = 0) -> Iterator[ReplyEvent]:
        """Take a correction in and answer with the next slate, in the template's words."""
        timings = Timings()
        self.correct(correction)
        turn = self._turn(session, "", Understanding(intent="critique"))
        yield from self._answer(turn, timings, speak=False, k=k or self.k, notice=template.CORRECTED[correction.kind])

    def forget(self, user: str) -> int:
        """Erase all that is held of a user, in the log and in what was learnt; returns how many rows of the log that were."""
        with self._learning:
            sessions = {turn.session_id for turn in self.log.turns(user)}
            gone = self.log.forget(user)
            unlearn(self.sources, user, sessions)
        return gone

    def profile(self, session: Session) -> Profile:
        """What is known of the session's user now."""
        return self._inferred(session.user, session.id, self.log.turns(session.user))

    def last_slate(self, session: Session) -> Slate | None:
        """The slate that stands in a session now, ranked anew for the same items; None before the first."""
        if not session.turns:
            return None
        turn = session.turns[-1]
        shown = self.log.slate_items(turn.slate_id)
        query = replace(self.query(self.profile(session), self.k), exclusions=frozenset())
        return again(shown, query, self.sources, self.ranker, turn.slate_id)

    def _answer(
        self, turn: Turn, timings: Timings, *, speak: bool, k: int, notice: str, asked: Sequence[str] | None = None,
        shown: Sequence[str] = (),
    ) -> Iterator[ReplyEvent]:  # fmt: skip
        """`asked`: what this session was asked about already; None: nothing is to be asked now. `shown`: the slate before."""
        profile = self._inferred(turn.user, turn.session_id, (*self.log.turns(turn.user), turn))
        stays = standing.kept(turn.understanding, shown, profile)
        slate, asks = self._slate(turn, profile, timings, k, stays, None if stays else asked)
        if not self.log.has_session(turn.session_id):  # the user had everything erased in the meantime
            return
        self.log.append_turn(turn, slate.item_ids, slate.recommendations[-1].propensity if slate.recommendations else 1.0)
        if asks:
            self.log.append_question(turn, asks.facet)
        timings.mark("cards", since_start=True)
        yield SlateReady(slate, profile, turn.understanding, asks)
        said = Explanation()
        explained = explain(slate, request_of(turn, profile), self.catalogue, self.chat if speak else None, notice)
        if stays:
            explained = iter([standing.explained(slate, turn.understanding, notice, self.catalogue)])
        try:
            for grown in explained:
                new = [sentence.text for sentence in grown.sentences[len(said.sentences) :]]
                said = grown
                timings.mark("first_word", since_start=True, once=True)
                if new:
                    yield Words(" ".join(new))
            if asks:
                said = replace(said, sentences=(*said.sentences, Sentence(asks.text, (), (), "template")))
                yield Words(asks.text)
        finally:
            turn = replace(turn, words=said.text)
            self.log.add_words(turn)
        timings.mark("total", since_start=True)
        model = speak and self.chat is not None and not stays
        writers = (sentence.by for sentence in said.sentences)
        metrics.answered(timings.milliseconds, writers, said.dropped, items=len(slate.recommendations), model=model)
        tracing.turn(timings.milliseconds)
        yield Done(turn, slate, profile, said, timings.milliseconds, asks)

    def _slate(
        self, turn: Turn, profile: Profile, timings: Timings, k: int, stays: Sequence[str], asked: Sequence[str] | None
    ) -> tuple[Slate, Question | None]:
        """The slate that answers a turn, and what to ask back; `stays`: the items of the slate before where it is to stay."""
        query = replace(self.query(profile, k), now=None)  # everything known lies before now
        timings.mark("embed")
        if stays:
            return again(stays, replace(query, exclusions=frozenset()), self.sources, self.ranker, turn.slate_id), None
        retrieved = self.sources.retrieve(query, self.ranker.counted)
        timings.mark("retrieve")
        slate = rank(query, retrieved, self.sources, self.ranker, self.diversity, turn.slate_id, self.exploration)
        timings.mark("rank")
        if asked is None:
            return slate, None
        return slate, elicitation.question(profile, asked, retrieved, self.ranker, self.understander.understand)

    def _inferred(self, user: str, session_id: str, turns: Sequence[Turn]) -> Profile:
        events, corrections = self.log.of(user), self.log.corrections(user)
        return infer(turns, events, self.catalogue, self.clock(), session_id, corrections)

    def query(self, profile: Profile, k: int) -> Query:
        """What is asked of retrieval for a profile."""
        return query_of(profile, k, self.embeddings, self.sources)

    def _turn(self, session: Session, text: str, understanding: Understanding) -> Turn:
        return Turn(self.new_id(), session.id, session.user, self.clock(), text, understanding, self.new_id())
