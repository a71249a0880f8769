"""Which scripts `-k` chooses: "shop and not slow", each word a part of a name, a tag or the file's name."""

import re
from collections.abc import Sequence

from bot.conversation_tests.reading import Script
from bot.conversation_tests.yaml_nodes import ConversationError


def chosen(scripts: Sequence[Script], expression: str) -> list[Script]:
    """The scripts that an expression of `and`, `or`, `not` and brackets holds of; all of an empty one."""
    if not expression.strip():
        return list(scripts)
    return [script for script in scripts if _Expression(expression, script).value()]


class _Expression:
    """Recursive descent: or over and over not."""

    def __init__(self, expression: str, script: Script) -> None:
        self._whole, self._words = expression, re.findall(r"[()]|[^\s()]+", expression)
        self._text = " ".join([script.name, script.file.name, *script.scenario.tags]).lower()

    def value(self) -> bool:
        """Whether it holds."""
        found = self._any()
        if self._words:
            raise self._fault()
        return found

    def _any(self) -> bool:
        found = self._all()
        while self._next("or"):
            other = self._all()
            found = found or other
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._next("and"):
            other = self._one()
            found = found and other
        return found

    def _one(self) -> bool:
        if self._next("not"):
            return not self._one()
        if self._next("("):
            found = self._any()
            if not self._next(")"):
                raise self._fault()
            return found
        if not self._words or self._words[0] in ("and", "or", ")"):
            raise self._fault()
        return self._words.pop(0).lower() in self._text

    def _next(self, word: str) -> bool:
        if self._words[:1] == [word]:
            self._words.pop(0)
            return True
        return False

    def _fault(self) -> ConversationError:
        return ConversationError(f"-k is {self._whole!r}; it is words joined by and, or, not and brackets")
