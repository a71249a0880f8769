"""Reads one clause of a message: what it names, wishes for, makes a condition and rules out, in the catalogue's own facets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.clauses import Clause
from bot.naming import Naming
from bot.phrases import Found, Phrase, Phrases, Token
from bot.session import Mention
from bot.words import DISLIKED, LIKED, NEGATORS, ONLY, REFUSALS, REQUEST_WORDS, SOFTENERS
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish

ASKING = REQUEST_WORDS | NEGATORS | REFUSALS | SOFTENERS | ONLY | LIKED | DISLIKED
ALL = "*"  # among a facet's hard values: every one is a condition when asked for
LIKENING = {"like", "à", "as"}  # "like Tarantino" is a wish, not a condition
SOFT_NEGATIVE = -0.7  # "not too dark"
NEAREST_WEIGHT = 0.6  # of a value found by meaning rather than by its own words


@dataclass(slots=True)
class Heard:
    """What has been made out so far while a message is read."""

    mentions: list[Mention] = field(default_factory=list[Mention])
    wishes: list[Wish] = field(default_factory=list[Wish])
    constraints: list[Constraint] = field(default_factory=list[Constraint])
    search: list[Token] = field(default_factory=list[Token])  # the positive words that tell something
    titles: set[int] = field(default_factory=set[int])  # where in the message words of titles begin
    adjusting: set[int] = field(default_factory=set[int])  # the same of words that only say how: "cheaper", "waterproof"

    @property
    def banned(self) -> set[tuple[str, str]]:
        """Facet values that the message rules out."""
        bans = (constraint for constraint in self.constraints if constraint.operator == "$nin")
        return {(facet, value) for ban in bans for facet, values in ban.alternatives for value in values}


class Hearing:
    """Hears clauses about one catalogue."""

    def __init__(self, catalogue: Catalogue, phrases: Phrases) -> None:
        self._facets, self._phrases = catalogue.facets, phrases
        self._naming = Naming(catalogue, phrases)

    def found(self, words: list[Token]) -> list[Found]:
        """The catalogue's phrases in `words`, but for single words that only ask ("kind of", "love")."""
        found = self._phrases.find(words)
        return [place for place in found if place.end - place.start > 1 or not only_asks(words[place.start])]

    def hear(self, message: str, clause: Clause, words: list[Token], near: Mapping[str, Wish], heard: Heard) -> None:
        """Add to `heard` what one clause says; `words` are its words but for numbers, `near` the values words are near to."""
        found = self.found(words)
        named = self._naming.named(message, clause, words, found)
        heard.mentions += [mention for mention, _ in named]
        taken = {at for _, place in named for at in range(place.start, place.end)}
        heard.titles |= {words[at].start for at in taken}
        for place in found:
            span = set(range(place.start, place.end))
            if not taken & span:
                before = tuple(heard.constraints)
                self._hear_values(clause, words, place, heard)
                settled = tuple(heard.constraints) != before or _only_directs(place)
                taken |= span if settled or clause.rules_out(words[place.start]) else set()
        for at, word in enumerate(words):
            if at not in taken and word.text.lower() not in ASKING and not word.text.isdigit():
                self._hear_word(clause, word, near, heard)

    def _hear_values(self, clause: Clause, words: list[Token], place: Found, heard: Heard) -> None:
        """Turn the facet values and directions at one place into wishes and constraints."""
        said = " ".join(word.text for word in words[place.start : place.end])
        before = [word.text.lower() for word in words[: place.start]]
        if {"not", "only"} <= set(before[-2:]):  # "not only comedies" asks for nothing in particular
            return
        negative, soft = clause.rules_out(words[place.start]), bool(SOFTENERS & set(before[-1:]))
        hard: list[Phrase] = []
        meant = self._meant(place, before)
        for phrase in meant:
            if negative and phrase.kind == "value" and not soft:
                heard.constraints.append(Constraint(phrase.facet, "$nin", (phrase.value,), f"{clause.negator} {said}"))
            elif not negative and self._is_hard(phrase, set(before[-2:])):
                hard.append(phrase)
            elif not (negative and phrase.kind == "direction"):
                heard.wishes.append(Wish(phrase.facet, phrase.value, SOFT_NEGATIVE if negative else 1.0, said))
        if hard:
            _ask(hard, said, heard, alternative=before[-1:] == ["or"])
        if all(self._facets[phrase.facet].phrase == "adjective" for phrase in meant):
            heard.adjusting |= {word.start for word in words[place.start : place.end]}

    def _hear_word(self, clause: Clause, word: Token, near: Mapping[str, Wish], heard: Heard) -> None:
        """A word of no phrase: looked for by meaning, and a wish (or a condition) where it is near a facet's value."""
        value = near.get(word.text)
        if clause.rules_out(word):
            if value:
                heard.constraints.append(Constraint(value.facet, "$nin", (value.value,), f"{clause.negator} {word.text}"))
            return
        if value:
            heard.wishes.append(replace(value, weight=NEAREST_WEIGHT, evidence=word.text))
            heard.adjusting |= {word.start} if self._facets[value.facet].phrase == "adjective" else set()
        heard.search.append(word)

    def _meant(self, place: Found, before: list[str]) -> list[Phrase]:
        """What the words at a place mean but for titles; of several facets the one whose own preposition stands before them:

        "in French" is the language, where "a French film" may be the country as well.
        """
        phrases = [phrase for phrase in place.phrases if phrase.kind != "item"]
        led = [phrase for phrase in phrases if _leads(self._facets[phrase.facet].phrase, before)]
        return led or phrases

    def _is_hard(self, phrase: Phrase, before: set[str]) -> bool:
        hard = {value.lower() for value in self._facets[phrase.facet].hard}
        only = ONLY & before or {"nothing", "but"} <= before
        asked = phrase.value in hard or (ALL in hard and not LIKENING & before)
        return phrase.kind == "value" and (asked or bool(only))


def only_asks(word: Token) -> bool:
    """Whether a word says that something is asked for and nothing of what."""
    return word.text.islower() and word.text in ASKING


def _ask(phrases: list[Phrase], said: str, heard: Heard, *, alternative: bool) -> None:
    """Make a condition that one of several meanings holds; an `alternative` joins the condition just before it."""
    values: dict[str, tuple[str, ...]] = {}
    if alternative and heard.constraints and heard.constraints[-1].operator == "$in":
        earlier = heard.constraints.pop()
        values, said = dict(earlier.alternatives), f"{earlier.evidence} or {said}"
    for phrase in phrases:
        values[phrase.facet] = (*values.get(phrase.facet, ()), phrase.value)
    (facet, first), *others = values.items()
    heard.constraints.append(Constraint(facet, "$in", first, said, tuple(others)))


def _only_directs(place: Found) -> bool:
    return all(phrase.kind == "direction" for phrase in place.phrases)


def _leads(phrase: str, before: list[str]) -> bool:
    """Whether the words before a value are those that a facet's phrase puts there: "set in {}", "by {}"."""
    lead = phrase.partition("{}")[0].split() if "{}" in phrase else []
    return bool(lead) and before[-len(lead) :] == lead
