"""What a message says, in the catalogue's own facets: deterministic, clause by clause, before any model is asked."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from bot.nearest_words import NearestWords
from bot.numbers import NumberFound, find_numbers
from bot.phrases import Found, Phrase, Phrases, Token, tokens
from bot.session import Intent, Mention, Understanding
from bot.words import (
    DISLIKED, GREETINGS, LIKED, NEGATORS, ONLY, ORDINALS, REFUSALS, REFUSED, REQUEST_WORDS, SEEN, SOFTENERS, TITLE_CUES,
)  # fmt: skip
from retrieval.catalogue import Catalogue
from retrieval.constraints import Constraint
from retrieval.facet_match import Wish
from retrieval.lexical import common_words

__all__ = ["Understander", "Understanding"]

CLAUSE = re.compile(r"[.,;!?()\n]+|\b(?:but|although|though|however|except(?: for)?|yet)\b", re.IGNORECASE)
ORDINAL = re.compile(rf"\b(?:the\s+|number\s+)?({'|'.join(ORDINALS)}|last)\s+(?:one|film|movie|item|product)\b", re.IGNORECASE)
NEGATION_REACH = 5  # words: "not as good or as gory as …" still reaches gory
FUZZY_TITLE = 88.0  # of 100 (rapidfuzz ratio): one wrong letter in eight
SOFT_NEGATIVE = -0.7  # "not too dark"
NEAREST_WORDS = 3  # of a message: each costs the model some 15 ms
KNOWN_SHARE = 0.34  # of a message's telling words that must be English the catalogue uses for it to count as understood
NEAREST_WEIGHT = 0.6  # of a value found by meaning rather than by its own words
ASKING = REQUEST_WORDS | NEGATORS | REFUSALS | SOFTENERS | ONLY | LIKED | DISLIKED
QUOTED = re.compile(r"[\"“”]([^\"“”]{2,80})[\"“”]")


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch of the message [start, end) with the tokens in it, some of them ruled out by a negator before them."""

    start: int
    end: int
    words: list[Token]
    negated: frozenset[int]  # places in the message of the words ruled out


class Understander:
    """Reads messages about one catalogue."""

    def __init__(self, catalogue: Catalogue, nearest: NearestWords | None = None) -> None:
        self._catalogue, self._nearest = catalogue, nearest
        self._phrases = Phrases(catalogue)
        self._titles = {item.id: item.title.lower() for item in catalogue}

    def understand(self, message: str, slate: Sequence[str] = ()) -> Understanding:
        """What `message` says; `slate` holds the ids that "the second one" can mean."""
        numbers = find_numbers(message, self._catalogue)
        mentions: list[Mention] = []
        wishes: list[Wish] = []
        constraints = [constraint for number in numbers for constraint in number.constraints]
        rest: list[str] = []
        clauses = _clauses(message)
        near = self._nearest_values(clauses, numbers)
        for clause in clauses:
            words = [word for word in clause.words if not _inside(word, numbers)]
            found = self._found(words)
            named = self._named(message, clause, words, found)
            mentions += [mention for mention, _ in named]
            taken = {at for _, place in named for at in range(place.start, place.end)}
            for place in found:
                if not taken & set(range(place.start, place.end)):
                    self._read_values(clause, words, place, wishes, constraints)
                    taken |= set(range(place.start, place.end)) if _negative_at(clause, words[place.start]) else set()
            rest += _search_words(clause, words, taken, near, wishes, constraints)
        mentions += _ordinal_mentions(message, slate)
        return Understanding(
            intent=_intent(message, mentions, wishes, constraints, slate), mentions=_merged(mentions),
            wishes=tuple(dict.fromkeys(wishes)), constraints=tuple(dict.fromkeys(constraints)),
            search_text=" ".join(rest),
            understood=bool(mentions or wishes or constraints or self._known(rest) or _only_common(message)),
        )  # fmt: skip

    def _named(self, message: str, clause: _Clause, words: list[Token], found: list[Found]) -> list[tuple[Mention, Found]]:
        """The items a clause names: exactly, when written like a title, or with a typing mistake."""
        named: list[tuple[Mention, Found]] = []
        for place in found:
            items = [phrase.value for phrase in place.phrases if phrase.kind == "item"]
            span = words[place.start : place.end]
            if items and self._is_title(message, words, place, has_other=len(items) < len(place.phrases)):
                item = self._of_year(items, message, span[-1].end)
                named.append((_mention(item, clause, words, place, message), place))
        covered = {at for _, place in named for at in range(place.start, place.end)}
        for place in _capitalised(message, words):
            span = set(range(place.start, place.end))
            if not covered & span and (item := self._fuzzy(words[place.start : place.end])):
                named.append((_mention(item, clause, words, place, message), place))
                covered |= span
        return named

    def _is_title(self, message: str, words: list[Token], place: Found, *, has_other: bool) -> bool:
        """Whether a run of words that is some item's title is meant as one here."""
        span = words[place.start : place.end]
        text = message[span[0].start : span[-1].end]
        if re.match(r"[\"”]?\s*\((?:1[89]|20)\d\d\)", message[span[-1].end :]) or f'"{text.lower()}"' in message.lower():
            return True
        before = words[place.start - 1].text.lower() if place.start else ""
        ordinary = self._phrases.is_ordinary(span)
        capital = text[0].isupper() and (place.start > 0 or len(span) > 1 or len(words) == 1)
        if not ordinary:
            return not has_other or capital
        if has_other and not capital:
            return False
        return capital or (before in TITLE_CUES and len(span) > 1) or len(span) > 3

    def _of_year(self, items: list[str], message: str, end: int) -> str:
        """Of several items with one title, the one whose year stands right after it, else the first of the catalogue."""
        year = re.match(r"[\"”]?\s*\(?((?:1[89]|20)\d\d)\b", message[end:])
        same = [item for item in items if year and self._catalogue[item].number("year") == float(year[1])]
        return (same or items)[0]

    def _fuzzy(self, span: list[Token]) -> str | None:
        text = " ".join(word.text for word in span).lower()
        if len(text) < 5 or self._phrases.is_ordinary(span):
            return None
        best = process.extractOne(text, self._titles, scorer=fuzz.ratio, score_cutoff=FUZZY_TITLE)
        return best[2] if best else None

    def _read_values(
        self, clause: _Clause, words: list[Token], place: Found, wishes: list[Wish], constraints: list[Constraint]
    ) -> None:
        """Turn the facet values and directions at one place into wishes and constraints."""
        said = " ".join(word.text for word in words[place.start : place.end])
        before = [word.text.lower() for word in words[max(0, place.start - 2) : place.start]]
        if before[-1:] and before[-1] in ("i", "i'd", "would", "also") and said.lower() in LIKED | {"love", "like"}:
            return
        negative = _negative_at(clause, words[place.start])
        soft = bool(SOFTENERS & set(before))
        for phrase in place.phrases:
            if phrase.kind == "item":
                continue
            wish = Wish(phrase.facet, phrase.value, SOFT_NEGATIVE if negative else 1.0, said)
            if negative and not soft and phrase.kind == "value":
                constraints.append(Constraint(phrase.facet, "$nin", (phrase.value,), f"{_negator(clause)} {said}".strip()))
            elif not negative and self._is_hard(phrase, before):
                constraints.append(Constraint(phrase.facet, "$in", (phrase.value,), said))
            elif not (negative and soft and phrase.kind == "direction"):
                wishes.append(wish)

    def _is_hard(self, phrase: Phrase, before: list[str]) -> bool:
        hard = {value.lower() for value in self._catalogue.facets[phrase.facet].hard}
        return phrase.kind == "value" and (phrase.value in hard or bool(ONLY & set(before)))

    def _found(self, words: list[Token]) -> list[Found]:
        """The catalogue's phrases in `words`, but for single words that only ask ("kind of", "love")."""
        found = self._phrases.find(words)
        return [place for place in found if place.end - place.start > 1 or not _only_asks(words[place.start])]

    def _nearest_values(self, clauses: list[_Clause], numbers: tuple[NumberFound, ...]) -> dict[str, Wish]:
        """The facet values that the message's unknown words are near to, asked of the model at once."""
        if self._nearest is None:
            return {}
        unknown: list[str] = []
        for clause in clauses:
            words = [word for word in clause.words if not _inside(word, numbers)]
            known = {at for place in self._found(words) for at in range(place.start, place.end)}
            unknown += [w.text for at, w in enumerate(words) if at not in known and w.text.islower() and not _only_asks(w)]
        return self._nearest.of(unknown[:NEAREST_WORDS])

    def _known(self, words: Iterable[str]) -> bool:
        """Whether enough of `words` is English that the catalogue's own texts use."""
        telling = [token for word in words for token in tokens(word)]
        known = sum(self._phrases.is_ordinary([token]) for token in telling)
        return known > 0 and known >= KNOWN_SHARE * len(telling)


def _clauses(message: str) -> list[_Clause]:
    """Stretches between punctuation and contrasting words; a quoted title is never cut."""
    cuts = [match.span() for match in CLAUSE.finditer(message)]
    quoted = [match.span() for match in QUOTED.finditer(message)]
    cuts = [cut for cut in cuts if not any(start < cut[0] < end for start, end in quoted)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(message)]
    contrasts = {end for start, end in cuts if message[start:end].lower().startswith("except")}
    words = tokens(message)
    clauses: list[_Clause] = []
    for start, end in zip(starts, ends, strict=True):
        inside = [word for word in words if start <= word.start < end]
        clauses.append(_Clause(start, end, inside, _ruled_out(inside, all_of_it=start in contrasts)))
    return [clause for clause in clauses if clause.words]


def _ruled_out(words: list[Token], *, all_of_it: bool) -> frozenset[int]:
    """Where the words stand that a negator rules out: the next few after it, more after each "or", "and", "nor"."""
    if all_of_it:
        return frozenset(word.start for word in words)
    out: set[int] = set()
    left = 0
    for at, word in enumerate(words):
        text = word.text.lower().replace("’", "'")
        following = words[at + 1].text.lower() if at + 1 < len(words) else ""
        if text in NEGATORS or (text in REFUSALS and following in REFUSED):
            left = NEGATION_REACH
        elif left and text in ("or", "and", "nor"):
            left = max(left, NEGATION_REACH - 1)
        elif left:
            out.add(word.start)
            left -= 1
    return frozenset(out)


def _search_words(
    clause: _Clause, words: list[Token], taken: set[int], near: dict[str, Wish],
    wishes: list[Wish], constraints: list[Constraint],
) -> list[str]:  # fmt: skip
    """What is left to look for by meaning; words near a facet's value in meaning become wishes (or conditions) too."""
    kept: list[str] = []
    for at, word in enumerate(words):
        if at in taken or word.text.lower() in ASKING or word.text.isdigit():
            continue
        negative = _negative_at(clause, word)
        value = near.get(word.text)
        if value and negative:
            constraints.append(Constraint(value.facet, "$nin", (value.value,), f"{_negator(clause)} {word.text}"))
        elif value:
            wishes.append(replace(value, weight=NEAREST_WEIGHT, evidence=word.text))
        if not negative:
            kept.append(word.text)
    return kept


def _only_asks(word: Token) -> bool:
    return word.text.islower() and word.text in ASKING


def _negative_at(clause: _Clause, word: Token) -> bool:
    return word.start in clause.negated


def _negator(clause: _Clause) -> str:
    return next((word.text for word in clause.words if word.text.lower() in NEGATORS | REFUSALS), "not")


def _inside(word: Token, numbers: tuple[NumberFound, ...]) -> bool:
    return any(number.start <= word.start < number.end for number in numbers)


def _mention(item: str, clause: _Clause, words: list[Token], place: Found, message: str) -> Mention:
    """How a clause speaks of the item it names: liked unless it says otherwise; known when it says so."""
    first = words[place.start]
    disliked = _negative_at(clause, first) or any(word.text.lower() in DISLIKED for word in words)
    seen = bool(SEEN.search(message[clause.start : first.start])) or "already" in message[clause.start : clause.end].lower()
    return Mention(item, -1.0 if disliked and not seen else 1.0, seen, message[clause.start : clause.end].strip())


def _capitalised(message: str, words: list[Token]) -> list[Found]:
    """Runs of words that begin with a capital (small words may stand between), and quoted ones: what a title looks like."""
    runs: list[Found] = []
    quoted = [match.span(1) for match in QUOTED.finditer(message)]
    for start, end in quoted:
        inside = [at for at, word in enumerate(words) if start <= word.start < end]
        if inside:
            runs.append(Found(inside[0], inside[-1] + 1, ()))
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and (words[end].text[0].isupper() or (end > at and words[end].text in common_words())):
            end += 1
        while end > at and not words[end - 1].text[0].isupper():
            end -= 1
        if end > at:
            runs += [Found(at, end, ()), *_between_small_words(words, at, end)]
        at = max(end, at + 1)
    return runs


def _between_small_words(words: list[Token], start: int, end: int) -> list[Found]:
    """The parts of a run that small words divide: "Inception and Parasite" may be two titles."""
    cuts = [start - 1, *(at for at in range(start, end) if words[at].text in common_words()), end]
    parts = [Found(left + 1, right, ()) for left, right in itertools.pairwise(cuts) if right - left > 1]
    return parts if len(parts) > 1 else []


def _ordinal_mentions(message: str, slate: Sequence[str]) -> list[Mention]:
    found: list[Mention] = []
    for match in ORDINAL.finditer(message):
        place = len(slate) if match[1].lower() == "last" else ORDINALS[match[1].lower()]
        if 1 <= place <= len(slate):
            clause = next(c for c in _clauses(message) if c.start <= match.start() <= c.end)
            negative = any(match.start() <= place < match.end() for place in clause.negated)
            found.append(Mention(slate[place - 1], -1.0 if negative else 1.0, bool(SEEN.search(message)), match.group()))
    return found


def _merged(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    return tuple({mention.item_id: mention for mention in mentions}.values())


def _only_common(message: str) -> bool:
    """Whether the message holds nothing but everyday English ("hello", "anything good?")."""
    return all(word.text.lower() in REQUEST_WORDS | GREETINGS | common_words() for word in tokens(message))


def _intent(
    message: str, mentions: list[Mention], wishes: list[Wish], constraints: list[Constraint], slate: Sequence[str]
) -> Intent:
    said = message.lower()
    if re.search(r"\b(?:start over|reset|forget (?:everything|it all|all that)|from scratch)\b", said):
        return "forget"
    if re.match(r"\s*why\b", said):
        return "ask_why"
    if not (mentions or wishes or constraints) and _only_common(message):
        return "chat"
    return "refine" if slate else "reveal"
