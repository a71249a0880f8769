"""Finds conditions on numbers in a message: "after 2010", "under 2 hours", "between $20 and $50", "from the nineties"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.words import DECADES, WORD_NUMBERS
from retrieval.catalogue import Catalogue, Facet
from retrieval.constraints import Constraint, Operator

NUMBER = r"(?:\d+(?:[.,]\d+)?|" + "|".join(WORD_NUMBERS) + r")(?:\s*(?:and a half|1/2))?"
COMPARATORS: dict[Operator, str] = {
    "$gte": r"no (?:older|earlier|less|shorter|cheaper) than|at least|since|from(?=\s+\S+\s+(?:on|onwards?|and later))|minimum|min\.?|starting",
    "$lte": r"no (?:later|newer|more|longer|dearer) than|at most|up to|until|till|maximum|max\.?|within",
    "$gt": r"after|over|above|more than|longer than|newer than|later than|heavier than|dearer than|past",
    "$lt": r"before|under|below|less than|shorter than|older than|earlier than|cheaper than|lighter than|fewer than",
}
COMPARED = "|".join(f"(?P<c{name[1:]}>{words})" for name, words in COMPARATORS.items())
RANGE = re.compile(
    rf"\b(?:between|from)\s+(?P<sign>[$€£])?(?P<low>{NUMBER})\s*(?P<u1>[a-z]+)?\s+(?:and|to|until)\s+[$€£]?(?P<high>{NUMBER})\s*(?P<unit>[a-z]+)?",
    re.IGNORECASE,
)
BOUND = re.compile(
    rf"(?P<negated>\bnot(?:hing)?\s+)?\b(?:{COMPARED})\s+(?:the year\s+)?(?P<sign>[$€£])?(?P<number>{NUMBER})\s*(?P<unit>[a-z]+)?",
    re.IGNORECASE,
)
DECADE = re.compile(
    rf"(?P<set>\bset\s+in\s+)?(?:(?P<negated>\bnot)\s+)?\b(?:from |in |of )?(?:the )?(?:(?P<part>early|late|mid)[ -])?"
    rf"(?:(?P<digits>(?:1[89]|20)?\d0)['’]?s|(?P<word>{'|'.join(DECADES)}))\b",
    re.IGNORECASE,
)
EXACT_YEAR = re.compile(r"\b(?:in|from|of)\s+(?P<number>1[89]\d\d|20\d\d)\b(?!\s*(?:on|and later|onwards?))", re.IGNORECASE)
OPPOSITE: dict[Operator, Operator] = {"$gt": "$lte", "$gte": "$lt", "$lt": "$gte", "$lte": "$gt"}
YEARS = (1000, 2200)  # a number facet whose values all lie between is one of years


@dataclass(frozen=True, slots=True)
class NumberFound:
    """Constraints with the characters [start, end) of the message that set them."""

    start: int
    end: int
    constraints: tuple[Constraint, ...]


def find_numbers(text: str, catalogue: Catalogue) -> tuple[NumberFound, ...]:
    """Conditions on the catalogue's number facets, in the order of the text, none overlapping."""
    found: list[NumberFound] = []
    for candidate in (*_ranges(text, catalogue), *_bounds(text, catalogue), *_decades(text, catalogue), *_years(text, catalogue)):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    return tuple(sorted(found, key=lambda number: number.start))


def _ranges(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    for match in RANGE.finditer(text):
        low, high = _value(match["low"]), _value(match["high"])
        facet, factor = _facet(catalogue, (match["unit"] or match["u1"] or ""), match["sign"] or "", low, text)
        if facet:
            constraints = (
                Constraint(facet, "$gte", low * factor, match.group().strip()),
                Constraint(facet, "$lte", high * factor, match.group().strip()),
            )
            yield NumberFound(match.start(), match.end(), constraints)


def _bounds(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    for match in BOUND.finditer(text):
        operator = next(op for op in COMPARATORS if match[f"c{op[1:]}"])
        number = _value(match["number"])
        facet, factor = _facet(catalogue, match["unit"] or "", match["sign"] or "", number, text)
        if facet is None:
            continue
        if match["negated"]:
            operator = OPPOSITE[operator]
        end = match.end() if (match["unit"] or "").lower() in catalogue.facets[facet].units else match.end("number")
        constraint = Constraint(facet, operator, number * factor, text[match.start() : end].strip())
        yield NumberFound(match.start(), end, (constraint,))


def _decades(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    facet = _year_facet(catalogue)
    for match in DECADE.finditer(text) if facet else ():
        if match["set"] or match["negated"] or facet is None:  # "set in the 1980s" is when a story plays, not when it was made
            continue
        start = DECADES[match["word"].lower()] if match["word"] else _full_decade(int(match["digits"]))
        first, last = {"early": (0, 4), "mid": (3, 6), "late": (5, 9)}.get((match["part"] or "").lower(), (0, 9))
        said = match.group().strip()
        constraints = Constraint(facet, "$gte", start + first, said), Constraint(facet, "$lte", start + last, said)
        yield NumberFound(match.start(), match.end(), constraints)


def _years(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    facet = _year_facet(catalogue)
    for match in EXACT_YEAR.finditer(text) if facet else ():
        before = text[: match.start()].rstrip().lower()
        if facet and not before.endswith("set"):
            constraint = Constraint(facet, "$eq", float(match["number"]), match.group())
            yield NumberFound(match.start(), match.end(), (constraint,))


def _facet(catalogue: Catalogue, unit: str, sign: str, number: float, text: str) -> tuple[str | None, float]:
    """Which number facet a number speaks of, and what to multiply it by: by its unit, by its name in the text, by year."""
    for facet in _number_facets(catalogue):
        for name in (unit.lower(), sign):
            if name and name in facet.units:
                return facet.name, facet.units[name]
    year = _year_facet(catalogue)
    if year and YEARS[0] <= number <= YEARS[1] and number == int(number):
        return year, 1
    for facet in _number_facets(catalogue):
        if facet.name != year and any(word.lower() in text.lower() for word in (facet.name, facet.label)):
            return facet.name, 1
    return None, 1


def _number_facets(catalogue: Catalogue) -> list[Facet]:
    return [facet for facet in catalogue.facets.values() if facet.kind == "number"]


def _year_facet(catalogue: Catalogue) -> str | None:
    for name, column in catalogue.numbers.items():
        known = column[~np.isnan(column)]
        if len(known) and known.min() >= YEARS[0] and known.max() <= YEARS[1]:
            return name
    return None


def _full_decade(digits: int) -> int:
    if digits >= YEARS[0]:
        return digits
    return (2000 if digits <= 20 else 1900) + digits  # "the 20s" is the nearer one


def _value(text: str) -> float:
    words = text.lower().replace("and a half", "").replace("1/2", "").strip()
    number = float(WORD_NUMBERS[words]) if words in WORD_NUMBERS else float(words.replace(",", "."))
    return number + (0.5 if words != text.lower().strip() else 0)
