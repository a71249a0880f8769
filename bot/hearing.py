"""Reads one clause of a message: what it names, wishes for, makes a condition and rules out, in the catalogue's own facets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.clauses import Clause
from bot.naming import Naming
from bot.phrases import Found, Phrase, Phrases, Token
from bot.session import Mention
from bot.stances import accepts
from bot.words import DISLIKED, LIKED, NAME_CUES, NEGATORS, NO_NAME_CUES, ONLY, REFUSALS, REQUEST_WORDS, SOFTENERS
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import HIGH, LOW, Wish
from retrieval.items import ALL

ASKING = REQUEST_WORDS | NEGATORS | REFUSALS | SOFTENERS | ONLY | LIKED | DISLIKED
LIKENING = re.compile(  # before a value: "like Tarantino" is a wish, not a condition; "I'd like a French film" is one
    r"(?<!\bi )(?<!\bi'd )(?<!\bwe )(?<!\bwe'd )(?<!\bwould )(?<!\byou )\b(?:like|as \w+ as|similar to|style of|spirit of|à la)"
    r"(?: an?| the)?$"
)
LIKENED = {"like", "style", "esque", "ish"}  # after a value: "Tarantino-like"
TITLED = re.compile(r"(?:subtitle|dub)", re.IGNORECASE)  # "with English subtitles" is not about the film's language
BETWEEN = re.compile(r"[\s,]*(?:(?:and/)?or\b)?[\s,]*(?:(?:an?|the|in|by|with|from|either|else|starring)\b\s*)*", re.IGNORECASE)
LITTLE = {"bit", "little", "awfully", "slightly"}  # before what there is too much of: "a bit long"
TURNED = {HIGH: LOW, LOW: HIGH}  # "not so heavy" asks for less
SOFT_NEGATIVE = -0.7  # "not too dark"
NEAREST_WEIGHT = 0.6  # of a value found by meaning rather than by its own words


@dataclass(frozen=True, slots=True)
class Asked:
    """Values that stand at one place [start, end) of a message and are asked for as a condition: any of `phrases` will do."""

    start: int
    end: int
    phrases: tuple[Phrase, ...]
    said: str

    @property
    def wishes(self) -> list[Wish]:
        """The same, softly."""
        return [Wish(phrase.facet, phrase.value, 1.0, self.said) for phrase in self.phrases]


@dataclass(slots=True)
class Heard:
    """What has been made out so far while a message is read."""

    mentions: list[Mention] = field(default_factory=list[Mention])
    wishes: list[Wish] = field(default_factory=list[Wish])
    constraints: list[Constraint] = field(default_factory=list[Constraint])
    asked: list[Asked] = field(default_factory=list[Asked])  # what is to become conditions when the whole message is heard
    search: list[Token] = field(default_factory=list[Token])  # the positive words that tell something
    titles: set[int] = field(default_factory=set[int])  # where in the message words of titles begin
    accepted: bool = False  # whether an item named is what the user takes
    adjusting: set[int] = field(default_factory=set[int])  # the same of words that only say how: "cheaper", "waterproof"

    @property
    def said_something(self) -> bool:
        """Whether anything was made out."""
        return bool(self.mentions or self.wishes or self.constraints)

    @property
    def banned(self) -> set[tuple[str, str]]:
        """Facet values that the message rules out."""
        bans = (constraint for constraint in self.constraints if constraint.operator == "$nin")
        return {pair for ban in bans for pair in ban.pairs}


class Hearing:
    """Hears clauses about one catalogue."""

    def __init__(self, catalogue: Catalogue, phrases: Phrases) -> None:
        self._facets, self._phrases = catalogue.facets, phrases
        self._naming = Naming(catalogue, phrases)

    def found(self, words: list[Token]) -> list[Found]:
        """The catalogue's phrases in `words`, but for single words that only ask ("kind of", "love")."""
        found = self._phrases.find(words)
        return [place for place in found if place.end - place.start > 1 or len(words) == 1 or not only_asks(words[place.start])]

    def hear(self, message: str, clause: Clause, words: list[Token], near: Mapping[str, Wish], heard: Heard) -> None:
        """Add to `heard` what one clause says; `words` are its words but for numbers, `near` the values words are near to."""
        found = self.found(words)
        named = self._naming.named(message, clause, words, found)
        heard.mentions += [mention for mention, _ in named]
        heard.accepted |= any(accepts(message, words[at.start].start, words[at.end - 1].end) for _, at in named)
        taken = {at for _, place in named for at in range(place.start, place.end)}
        heard.titles |= {words[at].start for at in taken}
        for place in found:
            span = set(range(place.start, place.end))
            if not taken & span:
                before = (len(heard.constraints), len(heard.asked))
                self._hear_values(clause, words, place, heard)
                settled = (len(heard.constraints), len(heard.asked)) != before or _only_directs(place)
                taken |= span if settled or clause.rules_out(words[place.start]) else set()
        for at, word in enumerate(words):
            if at not in taken and word.text.lower() not in ASKING and not word.text.isdigit():
                self._hear_word(clause, word, near, heard)

    def _hear_values(self, clause: Clause, words: list[Token], place: Found, heard: Heard) -> None:
        """Turn the facet values and directions at one place into wishes and constraints."""
        said = " ".join(word.text for word in words[place.start : place.end])
        before = [word.text.lower() for word in words[: place.start]]
        if {"not", "only"} <= set(before[-2:]) or (before[-1:] == ["as"] and _follows(words, place) == "as"):
            return  # "not only comedies", "as long as it is French" ask for nothing in particular
        ruled_out = clause.rules_out(words[place.start])
        excess = not ruled_out and _is_excess(before, said)
        negative, soft = ruled_out or excess, excess or bool(SOFTENERS & set(before[-1:]))
        likened = bool(LIKENING.search(" ".join(before))) or _follows(words, place) in LIKENED
        hard: list[Phrase] = []
        meant = self._meant(words, place, before)
        for phrase in meant:
            if phrase.kind == "direction":
                heard.wishes.append(Wish(phrase.facet, TURNED[phrase.value] if negative else phrase.value, 1.0, said))
            elif negative and not soft:
                heard.constraints.append(Constraint(phrase.facet, "$nin", (phrase.value,), f"{clause.negator} {said}"))
            elif not negative and self._is_hard(phrase, set(before[-2:]), likened=likened):
                hard.append(phrase)
            else:
                heard.wishes.append(Wish(phrase.facet, phrase.value, SOFT_NEGATIVE if negative else 1.0, said))
        if hard:
            heard.asked.append(Asked(words[place.start].start, words[place.end - 1].end, tuple(hard), said))
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

    def _meant(self, words: list[Token], place: Found, before: list[str]) -> list[Phrase]:
        """What the words at a place mean but for titles; of several facets the one whose own preposition stands before them:

        "in French" is the language, where "a French film" may be the country as well.
        """
        if TITLED.match(_follows(words, place)):
            return []
        named = _is_name_here(words, place)
        phrases = [phrase for phrase in place.phrases if phrase.kind != "item" and (named or not phrase.name)]
        led = [phrase for phrase in phrases if _leads(self._facets[phrase.facet].phrase, before)]
        return led or phrases

    def _is_hard(self, phrase: Phrase, before: set[str], *, likened: bool) -> bool:
        hard = {value.lower() for value in self._facets[phrase.facet].hard}
        only = (bool(ONLY & before) and "the" not in before) or {"nothing", "but"} <= before
        return phrase.value in hard or (ALL in hard and not likened) or only


def only_asks(word: Token) -> bool:
    """Whether a word says that something is asked for and nothing of what."""
    return word.text.lower() in ASKING and (word.text.islower() or word.start == 0)


def conditions(message: str, asked: list[Asked]) -> list[Constraint]:
    """The conditions that a message sets: what an "or" joins is one of them, everything else one each."""
    groups: list[list[Asked]] = []
    for now in asked:
        between = BETWEEN.fullmatch(message[groups[-1][-1].end : now.start]) if groups else None
        facets = {phrase.facet for phrase in now.phrases}
        if between and facets & {phrase.facet for phrase in groups[-1][-1].phrases}:
            groups[-1].append(now)
        else:
            groups.append([now])
    return [_any_of(part) for group in groups for part in ([group] if _has_or(message, group) else [[each] for each in group])]


def _has_or(message: str, group: list[Asked]) -> bool:
    return bool(re.search(r"\bor\b", message[group[0].end : group[-1].start], re.IGNORECASE))


def _any_of(group: list[Asked]) -> Constraint:
    """One condition that any of the values in a group meets; where a facet is told for one of them, it counts for all."""
    facets = [{phrase.facet for phrase in each.phrases} for each in group]
    told = set[str].intersection(*facets) or set[str].union(*facets)
    values: dict[str, tuple[str, ...]] = {}
    for phrase in (phrase for each in group for phrase in each.phrases if phrase.facet in told):
        values[phrase.facet] = (*values.get(phrase.facet, ()), phrase.value)
    (facet, first), *others = values.items()
    return Constraint(facet, "$in", first, " or ".join(each.said for each in group), tuple(others))


def _is_excess(before: list[str], said: str) -> bool:
    """Whether there is too much of it: "too long", "a bit dark"."""
    return before[-1:] == ["too"] or (bool(LITTLE & set(before[-1:])) and not said.lower().endswith("er"))


def _follows(words: list[Token], place: Found) -> str:
    return words[place.end].text.lower() if place.end < len(words) else ""


def _is_name_here(words: list[Token], place: Found) -> bool:
    """Whether one word that is somebody's name is meant so: after "by", or with a capital and no other one beside it."""
    word = words[place.start]
    before = words[place.start - 1].text if place.start else ""
    beside = [text for text in (before if place.start > 1 else "", words[place.end].text if place.end < len(words) else "")]
    if before.lower() in NO_NAME_CUES or any(text[:1].isupper() and text != "I" for text in beside):
        return False
    return before.lower() in NAME_CUES or (bool(before) and word.text[0].isupper())


def _only_directs(place: Found) -> bool:
    return all(phrase.kind == "direction" for phrase in place.phrases)


def _leads(phrase: str, before: list[str]) -> bool:
    """Whether the words before a value are those that a facet's phrase puts there: "set in {}", "by {}"."""
    lead = phrase.partition("{}")[0].split() if "{}" in phrase else []
    return bool(lead) and before[-len(lead) :] == lead
