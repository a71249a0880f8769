"""Which sentences about a slate are carried by its items' own facts or by the user's own words; the others are dropped."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.carried import CLAUSE_END, DENIED, ItemWords, says_nothing, telling
from bot.phrases import tokens
from retrieval.catalogue import Catalogue
from retrieval.lexical import common_words
from retrieval.ranking import Slate

SENTENCE_END = re.compile(r"(?<=[.!?])[\"”']?(?=\s+[^\s(]|\s*$)|\n+")  # "Airplane! (1980)" does not end at its mark
GOES_ON = re.compile(r"\s+[\"“]?[A-Z]|\s*$")  # after a title that ends in a full stop, this begins a new sentence
WISHED = re.compile(
    r"\W*for\b[^\ue000]*\byou\b[^\ue000]*$", re.IGNORECASE
)  # "for the dry feet you asked for" says nothing of an item
YOU = re.compile(r"\byou(?:r|'ve|'re|'ll)?\b", re.IGNORECASE)
CONTINUES = re.compile(r"^\W*(?:it|its|it's|this one|this film|the film|the story|this movie|the movie)\b", re.IGNORECASE)
LIST_MARK = re.compile(r"^[ \t]*(?:\d{1,2}[.)](?:\s+|$)|[-*•]\s+)", re.MULTILINE)
IS_SENTENCE = re.compile(r"\w{2,}\s+(?:\w|\ue000).*[.!?][\"”']?$", re.DOTALL)  # words and an end mark, not a bare list
SLOT = re.compile("\ue000(\\d+)\ue001")  # a title of the slate, put out of the way as a private character and its position
LINK = re.compile(r"\w:/|//\w|\bwww\.|@\w", re.IGNORECASE)  # whoever wrote it, a sentence sends nobody anywhere
STAMMER = 3  # words that a sentence does not say twice in the same order


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence that holds: its text, the slate positions (from 1) it speaks of, the fact words that carry it."""

    text: str
    positions: tuple[int, ...]
    facts: tuple[str, ...]


class ClaimChecker:
    """Checks sentences one after the other, so that "it" can mean the item of the sentence before."""

    def __init__(self, slate: Slate, user_words: str, catalogue: Catalogue) -> None:
        self._slate, self._catalogue = slate, catalogue
        self._items = [ItemWords.of(r.item, catalogue) for r in slate.recommendations]
        self._user_stems = {token.stem for token in tokens(user_words)}
        self._titles = sorted((r.item.title for r in slate.recommendations), key=len, reverse=True)
        outside = _outside_titles(slate, catalogue)
        named = [re.escape(title) for title in outside if title.lower() in user_words.lower()]
        self._likened = re.compile(rf"\b(?:like|to)\s+(?:{'|'.join(named) or '(?!)'})", re.IGNORECASE)
        labels = [re.escape(facet.label) for facet in catalogue.facets.values() if facet.kind == "items"]
        self._linked = re.compile(rf"\b(?:{'|'.join(labels) or '(?!)'})\s+({'|'.join(named) or '(?!)'})", re.IGNORECASE)
        self._outside = outside
        self._before: tuple[int, ...] = ()
        self._said: set[tuple[tuple[int, ...], tuple[str, ...]]] = set()

    def check(self, sentence: str) -> Claim | None:
        """The sentence as a claim, or None when anything in it is not carried, or when it says nothing new."""
        text = sentence.strip()
        hidden = self._hide_titles(text)
        linked = [match[1].lower() for match in self._linked.finditer(hidden)]  # "for fans of …"
        hidden = self._likened.sub(" ", self._linked.sub(" ", hidden))  # "close to …", of a title that the user named
        positions = tuple(dict.fromkeys(int(mark) for mark in SLOT.findall(hidden)))
        if not positions and CONTINUES.match(hidden):
            positions = self._before[:1]
        if (
            not IS_SENTENCE.search(hidden)
            or not positions
            or LINK.search(hidden)
            or _stammers(hidden)
            or any(title in hidden for title in self._outside)
            or not self._roles_hold(hidden, positions)
            or not self._links_hold(linked, positions)
        ):
            return None
        facts = self._clause_facts(hidden, positions)
        if facts is None:
            return None
        claim = Claim(text, positions, tuple(sorted(set(facts))))
        if not claim.facts or (claim.positions, claim.facts) in self._said:
            return None
        self._said.add((claim.positions, claim.facts))
        self._before = positions
        return claim

    def sentences(self, text: str) -> list[str]:
        """The sentences of `text`; a title of the slate is never cut."""
        return sentences(text, self._titles)

    def _clause_facts(self, hidden: str, positions: tuple[int, ...]) -> list[str] | None:
        """The fact words of all clauses; None when one is not carried. Titles without a statement wait for the next one."""
        facts: list[str] = []
        here, waiting = positions[:1], tuple[int, ...]()
        for clause in CLAUSE_END.split(hidden):
            named = tuple(int(mark) for mark in SLOT.findall(clause))
            here = (*waiting, *named) or here
            carried = self._carried(clause, here)
            if carried is None or not self._kinds_hold(clause, here):
                return None
            waiting = here if named and not carried else ()
            facts += carried
        return facts

    def _carried(self, clause: str, positions: tuple[int, ...]) -> list[str] | None:
        """The fact words of a clause, each carried by every item it speaks of; None when one is not."""
        spoken = SLOT.sub(" ", clause)
        you, wished = YOU.search(spoken), WISHED.match(clause)
        items = [self._items[position - 1] for position in positions]
        facts, said = list[str](), list[str]()
        for word, stem in telling(spoken):
            by_user = word.stem in self._user_stems
            if stem.startswith(DENIED):  # "not horror" holds where the user ruled it out and the item does not have it
                by_user = by_user and not all(item.has(word.stem) for item in items)
            else:
                by_user = by_user and bool(wished or (you and word.start > you.start()))
            if not by_user:
                said.append(stem)
            if not (by_user and wished):
                facts.append(word.text.lower())
        return facts if all(item.carries(said) for item in items) else None

    def _hide_titles(self, text: str) -> str:
        order = sorted(enumerate(self._slate.recommendations, 1), key=lambda pair: -len(pair[1].item.title))
        for position, recommendation in order:
            year = recommendation.item.number("year")
            title = re.escape(recommendation.item.title)
            dated = rf"(?:\s*\({int(year)}\))?" if year else ""
            text = re.sub(rf"[\"“]?(?<!\w){title}(?!\w)[\"”]?{dated}", f"\ue000{position}\ue001", text, flags=re.IGNORECASE)
        return text

    def _kinds_hold(self, clause: str, positions: tuple[int, ...]) -> bool:
        """Whether what stands between an article and the noun ("a quiet family film") are kinds that the items have."""
        kinds = [name for name, facet in self._catalogue.facets.items() if facet.phrase in ("adjective", "kind")]
        if not kinds:
            return True
        items = [self._slate.recommendations[position - 1].item for position in positions]
        allowed = [{t.stem for name in kinds for value in item.words(name) for t in tokens(value)} for item in items]
        for match in re.finditer(rf"\b(?:an?|the)\s+([^,;.]*?)\s*\b{re.escape(self._catalogue.noun)}\b", clause, re.IGNORECASE):
            said = {word.stem for word in tokens(match[1]) if not says_nothing(word.text)}
            if not all(said <= stems for stems in allowed):
                return False
        return True

    def _links_hold(self, titles: list[str], positions: tuple[int, ...]) -> bool:
        """Whether the items themselves name the titles that a sentence says they are for the fans of."""
        for position in positions if titles else ():
            links = self._slate.recommendations[position - 1].item.links.values()
            told = {self._catalogue[item_id].title.lower() for ids in links for item_id in ids if item_id in self._catalogue}
            if not set(titles) <= told:
                return False
        return True

    def _roles_hold(self, hidden: str, positions: tuple[int, ...]) -> bool:
        """Where a facet is named ("directed by …"), what follows must be a value that the item has under it."""
        for facet in self._catalogue.facets.values():
            if facet.kind != "category" or facet.label.lower() in common_words():
                continue
            for match in re.finditer(rf"\b{re.escape(facet.label)}\s+([^,;.]+)", hidden, re.IGNORECASE):
                named = {token.stem for token in tokens(match[1])}
                values = [
                    {token.stem for token in tokens(value)}
                    for position in positions for value in self._slate.recommendations[position - 1].item.words(facet.name)
                ]  # fmt: skip
                if not any(value and value <= named for value in values):
                    return False
        return True


def sentences(text: str, titles: Sequence[str] = ()) -> list[str]:
    """The sentences of `text`, each with its end mark, list numbers taken off; the last may be unfinished.

    `titles` are never cut, whatever marks they hold.
    """
    text = LIST_MARK.sub("", text)
    whole = [match.span() for title in titles for match in re.finditer(re.escape(title), text, re.IGNORECASE)]
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    inside = {
        end for end in ends for start, stop in whole if start < end < stop or (end == stop and not GOES_ON.match(text[end:]))
    }
    cuts = [0, *(end for end in ends if end not in inside), len(text)]
    parts = [text[start:end].strip() for start, end in itertools.pairwise(cuts)]
    return [part for part in parts if re.search(r"\w", part)]


def _outside_titles(slate: Slate, catalogue: Catalogue) -> Sequence[str]:
    """Titles of items that are not on the slate, such as cannot be mistaken for ordinary words."""
    on_slate = {title for item_id in slate.item_ids for title in (catalogue[item_id].title,)}
    return [item.title for item in catalogue if item.title not in on_slate and len(item.title.split()) > 1]


def _stammers(sentence: str) -> bool:
    """Whether a run of words comes twice: "a blend of cotton and a blend of cotton"."""
    words = [word.text.lower() for word in tokens(sentence)]
    runs = [tuple(words[at : at + STAMMER]) for at in range(len(words) - STAMMER + 1)]
    return len(set(runs)) < len(runs)
