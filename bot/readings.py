"""What the parts of a message come to together: what is positive in it, what holds of each item, what it is for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.clauses import Clause
from bot.hearing import TURNED, Heard
from bot.intents import RESET, THANKS
from bot.numbers import NumberFound
from bot.phrases import Token, tokens
from bot.session import Intent, Mention
from bot.words import GREETINGS, REQUEST_WORDS
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish
from retrieval.lexical import common_words


def positive(parts: Iterable[Clause], titles: set[int]) -> str:
    """The message without the words that a negator rules out, which embeddings do not understand, and without titles:

    what is like a title is found by the item itself, not by the words of its name.
    """
    left_out = (clause.negation | titles for clause in parts)
    kept = (" ".join(w.text for w in clause.words if w.start not in out) for clause, out in zip(parts, left_out, strict=True))
    return ", ".join(text for text in kept if text)


def once(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Each item as it is spoken of last, and as known where it is told so anywhere."""
    found: dict[str, Mention] = {}
    for mention in mentions:
        before = found.get(mention.item_id)
        found[mention.item_id] = replace(mention, consumed=True) if before and before.consumed else mention
    return tuple(found.values())


def unopposed(wishes: list[Wish]) -> list[Wish]:
    """Without directions that a comparative contradicts: "heavy stuff. anything lighter?" asks for less."""
    compared = {(w.facet, w.value) for w in wishes if w.value in TURNED and w.evidence.lower().endswith("er")}
    return [w for w in wishes if (w.facet, TURNED.get(w.value, "")) not in compared or (w.facet, w.value) in compared]


def of_both(constraints: Iterable[Constraint]) -> list[Wish]:
    """Wishes for each facet of a condition that any of them meets: French by country and language is more French."""
    several = [constraint for constraint in constraints if constraint.operator == "$in" and constraint.others]
    return [Wish(facet, value, 0.5, one.evidence) for one in several for facet, value in one.pairs]


def inside(word: Token, numbers: Iterable[NumberFound]) -> bool:
    """Whether a word is part of a number's phrase."""
    return any(number.start <= word.start < number.end for number in numbers)


def within(at: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether a character stands in one of the stretches [start, end)."""
    return any(start <= at < end for start, end in spans)


def only_common(message: str) -> bool:
    """Whether the message holds nothing but everyday English ("hello", "anything good?")."""
    return all(word.text.lower() in REQUEST_WORDS | GREETINGS | common_words() for word in tokens(message))


def intent_of(message: str, heard: Heard, slate: Sequence[str]) -> Intent:
    """What a message is for, by what was heard in it; `slate`: what was shown before."""
    if RESET.search(message):
        return "forget"
    if heard.accepted and any(mention.sentiment > 0 for mention in heard.mentions):
        return "accept"
    if not heard.said_something and (only_common(message) or THANKS.search(message)):
        return "chat"
    return "refine" if slate else "reveal"
