"""What a message says, in the catalogue's own facets: deterministic, clause by clause, before any model is asked."""

from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np

from bot.clauses import Clause, clauses
from bot.hearing import Heard, Hearing, conditions, only_asks
from bot.intents import (
    ELSE,
    NOT_FOR_ME,
    OF_THESE,
    OUTSIDE,
    QUESTION,
    REQUEST,
    RESET,
    SMALL_TALK,
    UNDO,
    WANTED,
    WHY,
)
from bot.nearest_words import NearestWords
from bot.numbers import NumberFound, find_numbers
from bot.phrases import TOKEN, Phrases, plain, tokens
from bot.pointing import Pointed, described, pointed
from bot.purging import ABOUT
from bot.readings import inside, intent_of, of_both, once, only_common, positive, unopposed, within
from bot.remarks import beside_the_point, liking, of_others, told_only
from bot.session import Mention, Understanding
from bot.spelling import Spelling
from bot.stances import LATER, accepts, spoken_of
from bot.taken_back import INSTEAD, named_in, taken_back
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import HIGH, LOW, Wish

__all__ = ["Understander", "Understanding"]

NEAREST_WORDS = 2  # of a message, asked of the model in one call, which costs as much as embedding the message
FEW_WORDS = 2  # telling ones: more of them say by their embedding what they mean
MOST = 0.5  # of the items of a kind
KNOWN_SHARE = 0.34  # of a message's telling words that must be English the catalogue uses for it to count as understood


class Understander:
    """Reads messages about one catalogue."""

    def __init__(self, catalogue: Catalogue, nearest: NearestWords | None = None) -> None:
        self._catalogue, self._nearest = catalogue, nearest
        self._phrases = Phrases(catalogue)
        self._hearing = Hearing(catalogue, self._phrases)
        units = {unit for facet in catalogue.facets.values() for unit in (*facet.units, *facet.called)}
        used = {word for item in catalogue for word in TOKEN.findall(plain(item.all_text.lower()))}
        self._spelling = Spelling(self._phrases.words | units, used)

    def understand(self, message: str, slate: Sequence[str] = (), focus: str = "") -> Understanding:
        """What `message` says; `slate` holds the ids shown last, that "the second one" can mean; `focus` is what "it" means."""
        message = self._spelling.corrected(message)
        points = pointed(message, slate, self._catalogue, self._phrases, focus)
        aside = self._aside(message, points)
        if aside:
            return aside
        lifted, taken = taken_back(message, self._catalogue, self._phrases) if slate else ((), [])
        instead = INSTEAD.match(message)
        silent = [*taken, *((one.start, one.end) for one in points), *([instead.span()] if instead else [])]
        silent += [*described(message, points), *of_others(message), *self._beside(message)]
        silent += [match.span() for match in ELSE.finditer(message)]
        preferred, heard, parts = self._heard(message, silent)
        passed = self._point(message, points, parts, slate, heard)
        heard.wishes += self._of_same(message, heard.mentions)
        wishes = unopposed([wish for wish in heard.wishes if (wish.facet, wish.value) not in heard.banned])
        # After a slate, words that only say how ("cheaper", "funnier") go on from what was looked for before.
        new = (any(word.start not in heard.adjusting for word in heard.search) and not OF_THESE.search(message)) or not slate
        search = heard.search if new else []
        against = self._compared(heard.mentions)
        heard.constraints += self._beyond(against or (() if new else slate), wishes)
        intent = intent_of(message, heard, slate) if not passed else "refine" if heard.said_something else "reject"
        if intent == "chat" and slate and not REQUEST.search(message):
            return Understanding(intent="chat", aside=True)
        return Understanding(
            intent=intent,
            mentions=once(heard.mentions),
            wishes=tuple(dict.fromkeys(wishes)), constraints=tuple(dict.fromkeys(heard.constraints)),
            search_text=" ".join(word.text for word in search), meaning_text=positive(parts, heard.titles) if search else "",
            understood=bool(preferred or passed or lifted) or self._is_understood(message, heard),
            passed=passed, lifted=lifted, instead=bool(instead), preferred=preferred,
        )  # fmt: skip

    def _aside(self, message: str, points: Sequence[Pointed]) -> Understanding | None:
        """A message that says nothing of what is looked for: small talk, "undo", "why the second?", "what's the weather?"."""
        if UNDO.match(message):
            return Understanding(intent="undo")
        if SMALL_TALK.match(message) and message.strip():
            return Understanding(intent="chat", aside=True)
        if OUTSIDE.search(message) and not WANTED.search(message):
            return Understanding(intent="chat", aside=True, outside=True)
        why = WHY.search(message)
        if not why and (not QUESTION.match(message) or REQUEST.search(message)):
            return None
        _, heard, _ = self._heard(message, [(one.start, one.end) for one in points])
        named = (*(item for one in points for item in one.items), *(mention.item_id for mention in heard.mentions))
        if not why and not named:
            return None
        asked = () if why else named_in(message, self._catalogue, self._phrases)
        asked = tuple(target for target in dict.fromkeys(asked) if target.startswith(ABOUT))
        return Understanding(intent="ask_why" if why else "ask", about=tuple(dict.fromkeys(named)), asked=asked, aside=True)

    def _heard(self, message: str, silent: Sequence[tuple[int, int]]) -> tuple[tuple[Constraint, ...], Heard, list[Clause]]:
        """What the message says but for the stretches `silent`; first what it likes at all times, last its clauses."""
        numbers = [n for n in find_numbers(message, self._catalogue) if not within(n.start, silent)]
        parts = clauses(message, [*self._phrases.divided_titles(message), *silent])
        near = self._nearest_values(parts, numbers)
        told, likes = told_only(message), liking(message)
        asked = [number for number in numbers if not within(number.start, (*told, *likes))]
        heard = Heard(constraints=[constraint for number in asked for constraint in number.constraints])
        preferred = [c for n in numbers if within(n.start, likes) and not within(n.start, told) for c in n.constraints]
        for clause in parts:
            words = [word for word in clause.words if not inside(word, numbers) and not within(word.start, silent)]
            set_so_far = (list(heard.constraints), list(heard.asked))
            self._hearing.hear(message, clause, words, near, heard)
            if within(clause.start, told):
                heard.constraints, heard.asked = set_so_far
            elif within(clause.start, likes):
                heard.wishes += [wish for each in heard.asked[len(set_so_far[1]) :] for wish in each.wishes]
                heard.asked = set_so_far[1]
        heard.constraints += conditions(message, heard.asked)
        heard.wishes += of_both(heard.constraints)
        for constraint in (c for n in asked if n.of_kinds for c in n.constraints if not self._is_told(c.facet, heard.wishes)):
            heard.constraints.remove(constraint)
            preferred.append(constraint)
        return tuple(preferred), heard, parts

    def _is_told(self, facet: str, wishes: Iterable[Wish]) -> bool:
        """Whether most items of the kind that is wished for have a number under `facet`."""
        kinds = (w for w in wishes if w.facet in self._catalogue.subjects and w.weight > 0)
        rows = [row for wish in kinds for row in self._catalogue.postings[wish.facet].get(wish.value, ())]
        return bool(rows) and float(np.isfinite(self._catalogue.numbers[facet][rows]).mean()) > MOST

    def _beside(self, message: str) -> list[tuple[int, int]]:
        """Words that only say where or when something was, but for titles that hold such words."""
        words = tokens(message)
        titles = [
            (words[place.start].start, words[place.end - 1].end) for place in self._phrases.find(words)
            if place.end - place.start > 1 and any(phrase.kind == "item" for phrase in place.phrases)
        ]  # fmt: skip
        found = beside_the_point(message)
        return [(start, end) for start, end in found if not any(first < end and start < last for first, last in titles)]

    def _point(
        self, message: str, points: Sequence[Pointed], parts: Sequence[Clause], slate: Sequence[str], heard: Heard
    ) -> tuple[str, ...]:
        """Add to `heard` how the message speaks of what it points at; returns what it passes over."""
        passed: tuple[str, ...] = ()
        for one, following in zip(points, [*points, None][1:], strict=True):
            clause = next(clause for clause in parts if clause.start <= one.start < clause.end)
            words = list(clause.words)
            at = next(at for at, word in enumerate(words) if word.start >= one.start)
            until = following.start if following else None
            told = [spoken_of(item, clause, words, at, message, ends=one.end, until=until) for item in one.items]
            if len(told) > 1 and len(told) == len(slate) and all(mention.sentiment < 0 for mention in told):
                passed = one.items  # "I don't like any of these" is no verdict on each of them for good
            else:
                heard.mentions += told
            heard.accepted |= accepts(message, one.start, one.end)
        alone = not points and not heard.mentions and (LATER.search(message) or NOT_FOR_ME.search(message))
        return tuple(slate) if alone or ELSE.search(message) else passed

    def _compared(self, mentions: Sequence[Mention]) -> tuple[str, ...]:
        """The item that "cheaper" and the like are meant against: the one after "than", else the one item liked."""
        than = [mention.item_id for mention in mentions if mention.compared]
        liked = [mention.item_id for mention in mentions if mention.sentiment > 0 and not mention.consumed]
        return tuple(than or (liked if len(liked) == 1 else ()))

    def _nearest_values(self, parts: list[Clause], numbers: Sequence[NumberFound]) -> dict[str, Wish]:
        """The facet values that unknown words are near to, asked of the model at once, where nothing else tells:

        words that are ruled out (they are not embedded), and the few of a message in which no phrase of the catalogue stands.
        """
        if self._nearest is None:
            return {}
        ruled_out: list[str] = []
        others: list[str] = []
        told = False
        for clause in parts:
            words = [word for word in clause.words if not inside(word, numbers)]
            found = self._hearing.found(words)
            told = told or bool(found)
            known = {at for place in found for at in range(place.start, place.end)}
            for at, word in enumerate(words):
                if at not in known and word.text.islower() and not only_asks(word):
                    (ruled_out if clause.rules_out(word) else others).append(word.text)
        return self._nearest.of([*ruled_out, *(others if not told and len(others) <= FEW_WORDS else [])][:NEAREST_WORDS])

    def _of_same(self, message: str, mentions: list[Mention]) -> list[Wish]:
        """Wishes for what a named item has, where the message speaks of that facet: "the same director", "who made …"."""
        said = message.lower()
        return [
            Wish(facet.name, value.lower(), 1.0, f"{word} of {self._catalogue[mention.item_id].title}")
            for facet in self._catalogue.facets.values() for word in facet.called if word in said
            for mention in mentions if mention.sentiment > 0
            for value in self._catalogue[mention.item_id].words(facet.name)
        ]  # fmt: skip

    def _beyond(self, against: Sequence[str], wishes: Iterable[Wish]) -> list[Constraint]:
        """What a direction asks against items: "cheaper" is below the middle one of their prices."""
        shown = [self._catalogue[item_id] for item_id in against if item_id in self._catalogue]
        found: list[Constraint] = []
        for wish in wishes:
            numbers = [number for item in shown if (number := item.number(wish.facet)) is not None]
            if wish.value in (HIGH, LOW) and numbers:
                found.append(Constraint(wish.facet, "$gt" if wish.value == HIGH else "$lt", median(numbers), wish.evidence))
        return found

    def _is_understood(self, message: str, heard: Heard) -> bool:
        """Whether something was made out, or enough of the words are English that the catalogue's own texts use."""
        if heard.said_something or only_common(message) or RESET.search(message):
            return True
        known = sum(self._phrases.is_ordinary([word]) for word in heard.search)
        return known > 0 and known >= KNOWN_SHARE * len(heard.search)
