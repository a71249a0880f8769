"""What a message says, in the catalogue's own facets: deterministic, clause by clause, before any model is asked."""

import re
from collections.abc import Iterable, Sequence
from statistics import median

from bot.clauses import Clause, clauses
from bot.hearing import Heard, Hearing, conditions, only_asks
from bot.naming import by_place
from bot.nearest_words import NearestWords
from bot.numbers import NumberFound, find_numbers
from bot.phrases import Phrases, Token, tokens
from bot.remarks import liking, told_only
from bot.session import Intent, Mention, Understanding
from bot.words import GREETINGS, REQUEST_WORDS
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import HIGH, LOW, Wish
from retrieval.lexical import common_words

__all__ = ["Understander", "Understanding"]

NEAREST_WORDS = 2  # of a message, asked of the model in one call, which costs as much as embedding the message
FEW_WORDS = 2  # telling ones: more of them say by their embedding what they mean
KNOWN_SHARE = 0.34  # of a message's telling words that must be English the catalogue uses for it to count as understood
ELSE = re.compile(  # after a slate: go on with what is looked for, without what was shown
    r"\b(?:something|anything|what|show me|got anything) (?:else|different)\b|\bnone of (?:these|those|them)\b"
    r"|\b(?:any|some|what|the|show me) others?\b(?! than)|\b(?:show me|any|some|few) more\b(?! \w+ than)"
    r"|\bnot (?:these|those)\b|^\W*(?:next|more|others?)\W*$",
    re.IGNORECASE,
)
RESET = re.compile(r"\b(?:start over|reset|forget (?:everything|it all|all that)|from scratch)\b", re.IGNORECASE)


class Understander:
    """Reads messages about one catalogue."""

    def __init__(self, catalogue: Catalogue, nearest: NearestWords | None = None) -> None:
        self._catalogue, self._nearest = catalogue, nearest
        self._phrases = Phrases(catalogue)
        self._hearing = Hearing(catalogue, self._phrases)

    def understand(self, message: str, slate: Sequence[str] = ()) -> Understanding:
        """What `message` says; `slate` holds the ids that "the second one" can mean."""
        numbers = find_numbers(message, self._catalogue)
        parts = clauses(message, self._phrases.divided_titles(message))
        near = self._nearest_values(parts, numbers)
        told, likes = told_only(message), liking(message)
        asked = [number for number in numbers if not _within(number.start, (*told, *likes))]
        heard = Heard(constraints=[constraint for number in asked for constraint in number.constraints])
        preferred = [c for n in numbers if _within(n.start, likes) and not _within(n.start, told) for c in n.constraints]
        for clause in parts:
            words = [word for word in clause.words if not _inside(word, numbers)]
            set_so_far = (list(heard.constraints), list(heard.asked))
            self._hearing.hear(message, clause, words, near, heard)
            if _within(clause.start, told):
                heard.constraints, heard.asked = set_so_far
            elif _within(clause.start, likes):
                heard.wishes += [wish for each in heard.asked[len(set_so_far[1]) :] for wish in each.wishes]
                heard.asked = set_so_far[1]
        heard.constraints += conditions(message, heard.asked)
        heard.mentions += by_place(message, slate)
        heard.wishes += self._of_same(message, heard.mentions)
        passed = tuple(slate) if ELSE.search(message) else ()
        wishes = [wish for wish in heard.wishes if (wish.facet, wish.value) not in heard.banned]
        # After a slate, words that only say how ("cheaper", "funnier") go on from what was looked for before.
        new = any(word.start not in heard.adjusting for word in heard.search) or not slate
        search = heard.search if new else []
        heard.constraints += [] if new else self._beyond(slate, wishes)
        return Understanding(
            intent=_intent(message, heard, slate) if not passed else "refine" if heard.said_something else "reject",
            mentions=tuple({mention.item_id: mention for mention in heard.mentions}.values()),
            wishes=tuple(dict.fromkeys(wishes)), constraints=tuple(dict.fromkeys(heard.constraints)),
            search_text=" ".join(word.text for word in search), meaning_text=_positive(parts, heard.titles) if search else "",
            understood=bool(preferred or passed) or self._is_understood(message, heard),
            passed=passed, preferred=tuple(preferred),
        )  # fmt: skip

    def _nearest_values(self, parts: list[Clause], numbers: tuple[NumberFound, ...]) -> dict[str, Wish]:
        """The facet values that unknown words are near to, asked of the model at once, where nothing else tells:

        words that are ruled out (they are not embedded), and the few of a message in which no phrase of the catalogue stands.
        """
        if self._nearest is None:
            return {}
        ruled_out: list[str] = []
        others: list[str] = []
        told = False
        for clause in parts:
            words = [word for word in clause.words if not _inside(word, numbers)]
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

    def _beyond(self, slate: Sequence[str], wishes: Iterable[Wish]) -> list[Constraint]:
        """What a direction asks after a slate: "cheaper" is below the middle one of the prices shown."""
        shown = [self._catalogue[item_id] for item_id in slate if item_id in self._catalogue]
        found: list[Constraint] = []
        for wish in wishes:
            numbers = [number for item in shown if (number := item.number(wish.facet)) is not None]
            if wish.value in (HIGH, LOW) and numbers:
                found.append(Constraint(wish.facet, "$gt" if wish.value == HIGH else "$lt", median(numbers), wish.evidence))
        return found

    def _is_understood(self, message: str, heard: Heard) -> bool:
        """Whether something was made out, or enough of the words are English that the catalogue's own texts use."""
        if heard.said_something or _only_common(message) or RESET.search(message):
            return True
        known = sum(self._phrases.is_ordinary([word]) for word in heard.search)
        return known > 0 and known >= KNOWN_SHARE * len(heard.search)


def _positive(parts: Iterable[Clause], titles: set[int]) -> str:
    """The message without the words that a negator rules out, which embeddings do not understand, and without titles:

    what is like a title is found by the item itself, not by the words of its name.
    """
    left_out = (clause.negation | titles for clause in parts)
    kept = (" ".join(w.text for w in clause.words if w.start not in out) for clause, out in zip(parts, left_out, strict=True))
    return ", ".join(text for text in kept if text)


def _inside(word: Token, numbers: Iterable[NumberFound]) -> bool:
    return any(number.start <= word.start < number.end for number in numbers)


def _within(at: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _only_common(message: str) -> bool:
    """Whether the message holds nothing but everyday English ("hello", "anything good?")."""
    return all(word.text.lower() in REQUEST_WORDS | GREETINGS | common_words() for word in tokens(message))


def _intent(message: str, heard: Heard, slate: Sequence[str]) -> Intent:
    if RESET.search(message):
        return "forget"
    if re.match(r"\s*why\b", message, re.IGNORECASE):
        return "ask_why"
    if not heard.said_something and _only_common(message):
        return "chat"
    return "refine" if slate else "reveal"
