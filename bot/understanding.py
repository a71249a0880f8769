"""What a message says, in the catalogue's own facets: deterministic, clause by clause, before any model is asked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.clauses import Clause, clauses
from bot.naming import Naming, by_place
from bot.nearest_words import NearestWords
from bot.numbers import NumberFound, find_numbers
from bot.phrases import Found, Phrase, Phrases, Token, tokens
from bot.session import Intent, Mention, Understanding
from bot.words import DISLIKED, GREETINGS, LIKED, NEGATORS, ONLY, REFUSALS, REQUEST_WORDS, SOFTENERS
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish
from retrieval.lexical import common_words

__all__ = ["Understander", "Understanding"]

ASKING = REQUEST_WORDS | NEGATORS | REFUSALS | SOFTENERS | ONLY | LIKED | DISLIKED
ALL = "*"  # among a facet's hard values: every one is a condition when asked for
LIKENING = {"like", "à", "as"}  # "like Tarantino" is a wish, not a condition
SOFT_NEGATIVE = -0.7  # "not too dark"
NEAREST_WORDS = 2  # of a message: each costs the model some 15 ms
NEAREST_WEIGHT = 0.6  # of a value found by meaning rather than by its own words
KNOWN_SHARE = 0.34  # of a message's telling words that must be English the catalogue uses for it to count as understood
RESET = re.compile(r"\b(?:start over|reset|forget (?:everything|it all|all that)|from scratch)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Heard:
    """What has been made out so far while a message is read."""

    mentions: list[Mention] = field(default_factory=list[Mention])
    wishes: list[Wish] = field(default_factory=list[Wish])
    constraints: list[Constraint] = field(default_factory=list[Constraint])
    search: list[str] = field(default_factory=list[str])
    titles: set[int] = field(default_factory=set[int])  # where in the message words of titles begin


class Understander:
    """Reads messages about one catalogue."""

    def __init__(self, catalogue: Catalogue, nearest: NearestWords | None = None) -> None:
        self._catalogue, self._nearest = catalogue, nearest
        self._phrases = Phrases(catalogue)
        self._naming = Naming(catalogue, self._phrases)

    def understand(self, message: str, slate: Sequence[str] = ()) -> Understanding:
        """What `message` says; `slate` holds the ids that "the second one" can mean."""
        numbers = find_numbers(message, self._catalogue)
        parts = clauses(message)
        near = self._nearest_values(parts, numbers)
        heard = _Heard(constraints=[constraint for number in numbers for constraint in number.constraints])
        for clause in parts:
            self._hear(message, clause, [word for word in clause.words if not _inside(word, numbers)], near, heard)
        heard.mentions += by_place(message, slate)
        heard.wishes += self._of_same(message, heard.mentions)
        banned = {pair for constraint in heard.constraints if constraint.operator == "$nin" for pair in _pairs(constraint)}
        heard.wishes = [wish for wish in heard.wishes if (wish.facet, wish.value) not in banned]
        return Understanding(
            intent=_intent(message, heard, slate),
            mentions=tuple({mention.item_id: mention for mention in heard.mentions}.values()),
            wishes=tuple(dict.fromkeys(heard.wishes)), constraints=tuple(dict.fromkeys(heard.constraints)),
            search_text=" ".join(heard.search), meaning_text=_positive(parts, heard.titles) if heard.search else "",
            understood=self._is_understood(message, heard),
        )  # fmt: skip

    def _hear(self, message: str, clause: Clause, words: list[Token], near: dict[str, Wish], heard: _Heard) -> None:
        """Add what one clause says; `words` are its words but for numbers."""
        found = self._found(words)
        named = self._naming.named(message, clause, words, found)
        heard.mentions += [mention for mention, _ in named]
        taken = {at for _, place in named for at in range(place.start, place.end)}
        heard.titles |= {words[at].start for at in taken}
        for place in found:
            span = set(range(place.start, place.end))
            if not taken & span:
                self._hear_values(clause, words, place, heard)
                taken |= span if clause.rules_out(words[place.start]) else set()
        for at, word in enumerate(words):
            if at not in taken and word.text.lower() not in ASKING and not word.text.isdigit():
                _hear_word(clause, word, near, heard)

    def _found(self, words: list[Token]) -> list[Found]:
        """The catalogue's phrases in `words`, but for single words that only ask ("kind of", "love")."""
        found = self._phrases.find(words)
        return [place for place in found if place.end - place.start > 1 or not _only_asks(words[place.start])]

    def _hear_values(self, clause: Clause, words: list[Token], place: Found, heard: _Heard) -> None:
        """Turn the facet values and directions at one place into wishes and constraints."""
        said = " ".join(word.text for word in words[place.start : place.end])
        before = [word.text.lower() for word in words[: place.start]]
        if {"not", "only"} <= set(before[-2:]):  # "not only comedies" asks for nothing in particular
            return
        negative, soft = clause.rules_out(words[place.start]), bool(SOFTENERS & set(before[-1:]))
        hard: list[Phrase] = []
        for phrase in self._meant(place, before):
            if negative and phrase.kind == "value" and not soft:
                ban = Constraint(phrase.facet, "$nin", (phrase.value,), f"{clause.negator} {said}")
                heard.constraints.append(ban)
            elif not negative and self._is_hard(phrase, set(before[-2:])):
                hard.append(phrase)
            elif not (negative and phrase.kind == "direction"):
                heard.wishes.append(Wish(phrase.facet, phrase.value, SOFT_NEGATIVE if negative else 1.0, said))
        if hard and before[-1:] == ["or"] and heard.constraints and heard.constraints[-1].operator == "$in":
            earlier = heard.constraints.pop()
            known = [Phrase("value", value, facet) for facet, values in earlier.alternatives for value in values]
            hard, said = [*known, *hard], f"{earlier.evidence} or {said}"
        if hard:
            heard.constraints.append(_any_of(hard, said))

    def _meant(self, place: Found, before: list[str]) -> list[Phrase]:
        """What the words at a place mean but for titles; of several facets the one whose own preposition stands before them:

        "in French" is the language, where "a French film" may be the country as well.
        """
        phrases = [phrase for phrase in place.phrases if phrase.kind != "item"]
        led = [phrase for phrase in phrases if _leads(self._catalogue.facets[phrase.facet].phrase, before)]
        return led or phrases

    def _is_hard(self, phrase: Phrase, before: set[str]) -> bool:
        hard = {value.lower() for value in self._catalogue.facets[phrase.facet].hard}
        only = ONLY & before or {"nothing", "but"} <= before
        asked = phrase.value in hard or (ALL in hard and not LIKENING & before)
        return phrase.kind == "value" and (asked or bool(only))

    def _nearest_values(self, parts: list[Clause], numbers: tuple[NumberFound, ...]) -> dict[str, Wish]:
        """The facet values that unknown words are near to, asked of the model at once, where nothing else tells:

        words that are ruled out (they are not embedded), and those of a message in which no phrase of the catalogue stands.
        """
        if self._nearest is None:
            return {}
        ruled_out: list[str] = []
        others: list[str] = []
        told = False
        for clause in parts:
            words = [word for word in clause.words if not _inside(word, numbers)]
            found = self._found(words)
            told = told or bool(found)
            known = {at for place in found for at in range(place.start, place.end)}
            for at, word in enumerate(words):
                if at not in known and word.text.islower() and not _only_asks(word):
                    (ruled_out if clause.rules_out(word) else others).append(word.text)
        return self._nearest.of([*ruled_out, *([] if told else others)][:NEAREST_WORDS])

    def _of_same(self, message: str, mentions: list[Mention]) -> list[Wish]:
        """Wishes for what a named item has, where the message speaks of that facet: "the same director", "who made …"."""
        said = message.lower()
        return [
            Wish(facet.name, value.lower(), 1.0, f"{word} of {self._catalogue[mention.item_id].title}")
            for facet in self._catalogue.facets.values() for word in facet.called if word in said
            for mention in mentions if mention.sentiment > 0
            for value in self._catalogue[mention.item_id].words(facet.name)
        ]  # fmt: skip

    def _is_understood(self, message: str, heard: _Heard) -> bool:
        """Whether something was made out, or enough of the words are English that the catalogue's own texts use."""
        if heard.mentions or heard.wishes or heard.constraints or _only_common(message) or RESET.search(message):
            return True
        telling = [token for word in heard.search for token in tokens(word)]
        known = sum(self._phrases.is_ordinary([token]) for token in telling)
        return known > 0 and known >= KNOWN_SHARE * len(telling)


def _any_of(phrases: list[Phrase], said: str) -> Constraint:
    """The condition that one of several meanings holds."""
    values: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        values[phrase.facet] = (*values.get(phrase.facet, ()), phrase.value)
    (facet, first), *others = values.items()
    return Constraint(facet, "$in", first, said, tuple(others))


def _pairs(constraint: Constraint) -> set[tuple[str, str]]:
    return {(facet, value) for facet, values in constraint.alternatives for value in values}


def _leads(phrase: str, before: list[str]) -> bool:
    """Whether the words before a value are those that a facet's phrase puts there: "set in {}", "by {}"."""
    lead = phrase.partition("{}")[0].split() if "{}" in phrase else []
    return bool(lead) and before[-len(lead) :] == lead


def _hear_word(clause: Clause, word: Token, near: dict[str, Wish], heard: _Heard) -> None:
    """A word of no phrase: looked for by meaning, and a wish (or a condition) where it is near a facet's value."""
    value = near.get(word.text)
    if clause.rules_out(word):
        if value:
            heard.constraints.append(Constraint(value.facet, "$nin", (value.value,), f"{clause.negator} {word.text}"))
        return
    if value:
        heard.wishes.append(replace(value, weight=NEAREST_WEIGHT, evidence=word.text))
    heard.search.append(word.text)


def _positive(parts: Iterable[Clause], titles: set[int]) -> str:
    """The message without the words that a negator rules out, which embeddings do not understand, and without titles:

    what is like a title is found by the item itself, not by the words of its name.
    """
    left_out = ({word.start for word in clause.words if clause.rules_out(word)} | titles for clause in parts)
    kept = (" ".join(w.text for w in clause.words if w.start not in out) for clause, out in zip(parts, left_out, strict=True))
    return ", ".join(text for text in kept if text)


def _only_asks(word: Token) -> bool:
    return word.text.islower() and word.text in ASKING


def _inside(word: Token, numbers: Iterable[NumberFound]) -> bool:
    return any(number.start <= word.start < number.end for number in numbers)


def _only_common(message: str) -> bool:
    """Whether the message holds nothing but everyday English ("hello", "anything good?")."""
    return all(word.text.lower() in REQUEST_WORDS | GREETINGS | common_words() for word in tokens(message))


def _intent(message: str, heard: _Heard, slate: Sequence[str]) -> Intent:
    if RESET.search(message):
        return "forget"
    if re.match(r"\s*why\b", message, re.IGNORECASE):
        return "ask_why"
    if not (heard.mentions or heard.wishes or heard.constraints) and _only_common(message):
        return "chat"
    return "refine" if slate else "reveal"
