"""Messages without personal data: stand-ins in its place that are understood as it was, where there are any."""

import re
from collections.abc import Iterable, Sequence

from bot import personal_data as personal
from bot.understanding import Understander
from retrieval.catalogue import Catalogue

# What each is replaced by: the first that leaves the message understood as before, else the first of all.
STAND_INS: tuple[tuple[re.Pattern[str], Sequence[str]], ...] = (
    (personal.LINK, ("https://example.org/", "[link]")),
    (personal.E_MAIL, ("someone@example.org", "[e-mail]")),
    (personal.BEARER, ("[token]",)),
    (personal.TOKEN, ("[token]",)),
    (personal.IBAN, ("[number]",)),
    (personal.NUMBER, ("[number]",)),
)
SHORT = re.compile(r"(?<![\w.])\d{2,4}[ /-]\d{2,5}(?:[ /-]\d{2,5})?(?!\w|\.\w)")  # a telephone, or a span of years that counts
NAME = r"[^\W\d_a-z](?:[’'][A-Z])?[^\W\d_A-Z][^\W\d_]*(?:[’'-][^\W\d_]+)*"
NAMED = re.compile(
    rf"(?:\b(?i:my name is|my name’s|my name's|i am called|i’m called|i'm called|call me|i am|i’m|i'm) )"
    rf"(?P<name>(?:{NAME})(?: {NAME}){{0,2}}+)(?! [A-Z])"
)
NAMES = ("Alex", "Kim", "someone")
NOT_NAMES = re.compile(r".*ing$|(?:I|A|An|The|Not|No|In|On|So|Very|Just|Up|From|After|Really)$")


class Anonymous:
    """Takes personal data out of one conversation's messages."""

    def __init__(self, catalogue: Catalogue, understander: Understander, messages: Iterable[str]) -> None:
        self._understander = understander
        own = {item.title.lower() for item in catalogue}
        own |= {value.lower() for values in catalogue.postings.values() for value in values}
        self._names = sorted({name for message in messages for name in _names(message, own)}, key=len, reverse=True)

    def of(self, message: str) -> str:
        """The message with stand-ins."""
        message = " ".join(message.split())
        for pattern, instead in STAND_INS:
            message = self._replaced(pattern, message, instead)
        for name in self._names:
            message = self._replaced(re.compile(rf"(?<!\w){re.escape(name)}(?!\w)"), message, NAMES)
        return self._short(message)

    def _replaced(self, pattern: re.Pattern[str], message: str, instead: Sequence[str]) -> str:
        """With the first stand-in that changes nothing of what is understood, else the first of all."""
        if not pattern.search(message):
            return message
        tried = [pattern.sub(one, message) for one in instead]
        return next((text for text in tried if self._meant(text) == self._meant(message)), tried[0])

    def _short(self, message: str) -> str:
        """Without short telephone numbers: those that nothing is understood by."""
        told = SHORT.sub("[number]", message)
        return told if self._meant(told) == self._meant(message) else message

    def _meant(self, message: str) -> object:
        """What has to stay: intent, wishes, conditions and the items named."""
        said = self._understander.understand(message)
        wishes = {(one.facet, one.value, one.weight) for one in said.wishes}
        conditions = {(one.facet, one.operator, one.value, one.others) for one in (*said.constraints, *said.preferred)}
        items = {(one.item_id, one.sentiment, one.consumed, one.later) for one in said.mentions}
        return said.intent, wishes, conditions, items


def _names(message: str, own: set[str]) -> list[str]:
    """The names by which somebody calls themselves; `own`: what the catalogue calls so, which is nobody's name here."""
    found: list[str] = []
    for match in NAMED.finditer(message):
        name, whole = match["name"], match[0]
        if not NOT_NAMES.match(name.split()[0]) and name.lower() not in own and whole.lower() not in own:
            found += [name, *(part for part in name.split() if len(part) > 1 and part.lower() not in own)]
    return found
