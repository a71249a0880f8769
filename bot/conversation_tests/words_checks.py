"""Whether words are as expected: one check for each key of a `words` expectation, and for questions back."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.conversation_tests.conditions import Condition
from bot.conversation_tests.expectations import QuestionExpected, WordsExpected
from bot.conversation_tests.seen import Came, Seen
from bot.conversation_tests.slate_checks import shown

Fault = tuple[str, str, Came]


def words_faults(expected: WordsExpected, seen: Seen) -> list[Fault]:
    """(key, what was expected, what came) of everything that does not hold."""
    written = {name: getattr(expected, name) for name in type(expected).model_fields if getattr(expected, name) is not None}
    found: list[Fault] = []
    if not seen.words and "length" not in written:
        found.append(("", "some words", Came("nothing was said")))
    for name, value in written.items():
        came = CHECKS[name](value, seen)
        if came:
            found.append((name, f"{name}: {shown(value)}", came))
    return found


def question_faults(expected: bool | QuestionExpected, seen: Seen) -> list[Fault]:
    """The same of what is asked back. That nothing is asked counts only of an answer that says or shows something."""
    told = seen.answer.get("question")
    question = told if isinstance(told, dict) or not told else {"text": str(told)}
    if expected is False:
        return [("", "no question", Came(f"asked: {question}"))] if question else empty("an answer without a question", seen)
    if not question:
        return [("", "a question", Came("nothing is asked"))]
    if isinstance(expected, bool):
        return []
    found: list[Fault] = []
    if expected.facet and question.get("facet") != expected.facet:
        found.append(("facet", f"a question about {expected.facet}", Came(f"asked: {question}")))
    missing = [one for one in expected.mentions or () if one.lower() not in str(question.get("text", "")).lower()]
    if missing:
        found.append(("mentions", f"mentions: {shown(missing)}", Came(f"asked: {question.get('text')}")))
    return found


def empty(expected: str, seen: Seen) -> list[Fault]:
    """A fault where an answer neither says nor shows anything, so that what it leaves out tells nothing."""
    there = seen.answer.get("words") or (seen.answer.get("slate") or {}).get("items")
    return [] if there else [("", expected, Came("the answer is empty"))]


def _said(seen: Seen) -> str:
    return f"the words are “{seen.words}”"


def _holds(text: str, seen: Seen) -> bool:
    return " ".join(text.split()).lower() in seen.words.lower()


def _mentions(texts: Sequence[str], seen: Seen) -> Came | None:
    missing = [text for text in texts if not _holds(text, seen)]
    return Came(f"{shown(missing)} does not occur; {_said(seen)}") if missing else None


def _mentions_any(texts: Sequence[str], seen: Seen) -> Came | None:
    return None if any(_holds(text, seen) for text in texts) else Came(_said(seen))


def _forbids(texts: Sequence[str], seen: Seen) -> Came | None:
    there = [text for text in texts if _holds(text, seen)]
    return Came(f"{shown(there)} occurs; {_said(seen)}") if there else None


def _grounded(wanted: bool, seen: Seen) -> Came | None:
    return None if seen.part("grounded") is wanted else Came(f"grounded is {shown(not wanted)}; {_said(seen)}")


def _dropped(wanted: Condition, seen: Seen) -> Came | None:
    return None if wanted.meets(seen.part("dropped")) else Came(f"{seen.part('dropped')} sentences; {_said(seen)}")


def _about_slate_only(_: bool, seen: Seen) -> Came | None:
    """Titles are looked for as whole words; one of a single word counts where its year or quotation marks stand beside it."""
    slate = [str(item.get("title", "")) for item in seen.items]
    rest = seen.words
    if not any(_titled(title, rest, strict=False) for title in slate):
        return Came(f"none of the slate is named; {_said(seen)}")
    told = [*slate, *(seen.titles[one] for one in seen.known if one in seen.titles), *_values(seen)]
    for title in sorted(told, key=len, reverse=True):
        rest = _pattern(title, strict=False).sub("…", rest) if title else rest
    asked = " ".join(seen.said).lower()
    others = [
        one
        for one, title in seen.titles.items()
        if _titled(title, rest, strict=" " not in title) and title.lower() not in asked
    ]
    return Came(f"{', '.join(others)} is named; {_said(seen)}", tuple(others)) if others else None


def _values(seen: Seen) -> list[str]:
    """Texts of the slate's facets: a theme may be called like a film."""
    values = [value for item in seen.items for value in item.get("facets", {}).values()]
    return [str(one) for value in values for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _pattern(title: str, *, strict: bool) -> re.Pattern[str]:
    word = rf"(?<!\w){re.escape(title)}(?!\w)"
    return re.compile(rf"{word} \(\d{{4}}\)|[“\"]{word}[”\"]" if strict else rf"{word}(?: \(\d{{4}}\))?")


def _titled(title: str, text: str, *, strict: bool) -> bool:
    return title in text and bool(title) and bool(_pattern(title, strict=strict).search(text))


def _length(wanted: Condition, seen: Seen) -> Came | None:
    return None if wanted.meets(len(seen.words)) else Came(f"{len(seen.words)} characters; {_said(seen)}")


def _language(wanted: str, seen: Seen) -> Came | None:
    import py3langid

    found = str(py3langid.classify(seen.words)[0])
    return None if found == wanted else Came(f"{found}; {_said(seen)}")


CHECKS: Mapping[str, Callable[[Any, Seen], Came | None]] = {
    "mentions": _mentions, "mentions_any": _mentions_any, "forbids": _forbids, "grounded": _grounded, "dropped": _dropped,
    "about_slate_only": _about_slate_only, "length": _length, "language": _language,
}  # fmt: skip
