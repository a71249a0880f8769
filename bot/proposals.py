"""What a capable language model reads in a message beyond the rules: lines it proposes, which code believes or not.

A line counts where its facet, value or item is the catalogue's own, where the words it stands on are in the message, and
where the rules have not read these words themselves. What a model proposes is a wish or a number that the words hold: it
never rules anything out for good.
"""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from bot.phrases import TOKEN
from bot.session import Mention, Understanding
from bot.words import GREETINGS, REQUEST_WORDS
from prompts import fill
from retrieval.catalogue import Catalogue, Facet
from retrieval.constraints import Constraint, Operator
from retrieval.facet_match import Wish
from retrieval.lexical import common_words

DEADLINE_SECONDS = 4.0
MOST_TOKENS = 70
MOST_LINES = 5
KINDS = 6  # values at least of a facet that examples are made of
VALUES = 14  # told of a facet: its commonest
LINE = re.compile(r"(?:[-*•]\s*)?(?P<said>[^|]+)\|\s*[\"“']?(?P<words>[^\"”|]+?)[\"”']?\s*")
VALUE = re.compile(r"(?P<verb>want|not) (?P<facet>[^=<>]+)=(?P<value>.+)", re.IGNORECASE)
NUMBER = re.compile(r"(?:want )?(?P<facet>[^=<>]+?)\s*(?P<side>>=|<=)\s*(?P<number>-?\d+(?:\.\d+)?)", re.IGNORECASE)
SIDES: dict[str, Operator] = {">=": "$gte", "<=": "$lte"}
ITEM = re.compile(r"(?P<verb>like|dislike|seen) (?P<number>\d+)", re.IGNORECASE)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposals:
    """Asks a chat model what a message says that the rules did not read."""

    catalogue: Catalogue
    chat: BaseChatModel

    def added(self, message: str, understanding: Understanding, shown: Sequence[str]) -> Understanding:
        """`understanding` with what the model proposes and the code can bear out; the model is not asked where all is read."""
        unread = _unread(message, understanding)
        if not unread or understanding.aside or understanding.intent in ("undo", "forget"):
            return understanding
        for line in self._lines(message, shown):
            match = LINE.fullmatch(line.strip())
            words = match["words"].lower() if match else ""
            stands_on = [word for word in TOKEN.findall(words) if word in unread]
            if match and stands_on:
                understanding = self._with(understanding, match["said"].strip(), " ".join(stands_on), message, shown)
        return understanding

    def _lines(self, message: str, shown: Sequence[str]) -> Iterator[str]:
        """The lines of the model as they are finished, within the deadline; none where it fails."""
        started, text, given = time.monotonic(), "", 0
        try:
            with closing(cast(Any, self.chat.stream(self._asked(message, shown), **self._bounds()))) as chunks:
                for chunk in chunks:
                    text += chunk.text
                    finished = text.split("\n")[:-1]
                    yield from finished[given:MOST_LINES]
                    given = len(finished)
                    late = time.monotonic() - started > DEADLINE_SECONDS
                    if late or given >= MOST_LINES or (given and not finished[-1].strip()):
                        return
        except Exception as error:  # noqa: BLE001 - a remote model's client raises what it likes; the rules have read the message
            log.warning("the language model failed, the rules alone read: %s", error)
            return
        yield from text.split("\n")[given:MOST_LINES]

    def _bounds(self) -> dict[str, Any]:
        hosted = "most_tokens" in type(self.chat).model_fields
        return {"most_tokens": MOST_TOKENS, "deadline_seconds": DEADLINE_SECONDS, "adapter": ""} if hosted else {}

    def _asked(self, message: str, shown: Sequence[str]) -> list[Any]:
        facets = list(self.catalogue.facets.values())
        told = "\n".join(
            f"{facet.name}: {_values(facet, self.catalogue)}" for facet in facets if _values(facet, self.catalogue)
        )
        system = fill("propose_system", noun=self.catalogue.noun, facets=told, examples=_examples(self.catalogue))
        titles = "".join(f"{number}. {self.catalogue[item].title}\n" for number, item in enumerate(shown, 1))
        return [SystemMessage(system), HumanMessage(fill("propose", shown=titles, message=message))]

    def _with(self, before: Understanding, said: str, words: str, message: str, shown: Sequence[str]) -> Understanding:
        """With one line that stands on `words`, where its facet, value or item is known; without it where not."""
        if item := ITEM.fullmatch(said):
            return self._with_item(before, item["verb"].lower(), int(item["number"]), words, shown)
        if number := NUMBER.fullmatch(said):
            facet = self._facet(number["facet"])
            if facet is None or facet.kind != "number" or number["number"] not in message:
                return before
            condition = Constraint(facet.name, SIDES[number["side"]], float(number["number"]), words)
            known = any(one.facet == facet.name for one in before.constraints)
            return before if known else replace(before, constraints=(*before.constraints, condition), understood=True)
        value = VALUE.fullmatch(said)
        facet = self._facet(value["facet"]) if value else None
        if value is None or facet is None:
            return before
        wanted = " ".join(value["value"].lower().split())
        known = any((wish.facet, wish.value) == (facet.name, wanted) for wish in before.wishes)
        if known or wanted not in self.catalogue.postings.get(facet.name, {}):
            return before
        wish = Wish(facet.name, wanted, 1.0 if value["verb"].lower() == "want" else -1.0, words)
        return replace(before, wishes=(*before.wishes, wish), understood=True)

    def _with_item(self, before: Understanding, verb: str, number: int, words: str, shown: Sequence[str]) -> Understanding:
        if not 1 <= number <= len(shown) or any(mention.item_id == shown[number - 1] for mention in before.mentions):
            return before
        sentiment = {"like": 1.0, "dislike": -1.0, "seen": 0.0}[verb]
        mention = Mention(shown[number - 1], sentiment, consumed=verb == "seen", evidence=words)
        return replace(before, mentions=(*before.mentions, mention), understood=True)

    def _facet(self, name: str) -> Facet | None:
        return self.catalogue.facets.get(name.strip().lower())


def _unread(message: str, understanding: Understanding) -> set[str]:
    """The telling words of a message, lower-case, that nothing understood stands on."""
    parts = (*understanding.mentions, *understanding.wishes, *understanding.constraints, *understanding.preferred)
    read = {word for part in parts for word in TOKEN.findall(part.evidence.lower())}
    words = {word for word in TOKEN.findall(message.lower()) if not word.isdigit()}
    return words - read - REQUEST_WORDS - GREETINGS - common_words()


def _values(facet: Facet, catalogue: Catalogue) -> str:
    if facet.kind == "number":
        numbers = catalogue.numbers[facet.name]
        known = numbers[numbers == numbers]  # without the missing ones, which are not numbers
        return f"a number, {known.min():g} to {known.max():g}" if known.size else ""
    rows = catalogue.postings.get(facet.name, {})
    return ", ".join(sorted(rows, key=lambda value: -len(rows[value]))[:VALUES])


def _examples(catalogue: Catalogue) -> str:
    """Two messages in the catalogue's own values, with their lines."""
    sizes = {name: len(values) for name, values in catalogue.postings.items() if len(values) >= KINDS}
    facets = sorted(sizes, key=lambda name: sizes[name])[:2]  # few values: kinds and moods, not people
    if len(facets) < 2:
        return ""
    (first, second), (third, fourth) = (_commonest(catalogue, name) for name in facets)
    lines = [
        f"Message: hi! we could do with {first}, only spare us anything {fourth}", "Lines:",
        f"want {facets[0]}={first} | {first}", f"not {facets[1]}={fourth} | anything {fourth}", "",
        f"Message: what {third} ones are there? {second} would do too", "Lines:",
        f"want {facets[1]}={third} | {third} ones", f"want {facets[0]}={second} | {second} would do", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _commonest(catalogue: Catalogue, facet: str) -> tuple[str, str]:
    rows = catalogue.postings[facet]
    first, second, *_ = sorted(rows, key=lambda value: -len(rows[value]))
    return first, second
