"""Finds conditions on numbers in a message: "after 2010", "under 2 hours", "between $20 and $50", "from the nineties"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.words import DECADES, WORD_NUMBERS
from retrieval.catalogue import Catalogue, Facet
from retrieval.constraints import Constraint, Operator

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:[.,]\d+)?|" + "|".join(WORD_NUMBERS) + r")"
LATER = r"(?:on|onwards?|(?:or|and) (?:later|newer|after|up))"
COMPARATORS: dict[Operator, str] = {
    "$gte": r"no (?:older|earlier|less|shorter|cheaper|smaller) than|at least|since|"
    rf"from(?=\s+\S+\s+{LATER})|minimum|min\.?|starting",
    "$lte": r"no (?:later|newer|more|longer|dearer|bigger|larger|heavier) than|at most|up to|until|till|maximum|max\.?|within",
    "$gt": r"after|over|above|past|more (?:expensive )?than|(?:longer|newer|later|heavier|dearer|bigger|larger) than",
    "$lt": r"before|under|below|less than|(?:shorter|older|earlier|cheaper|lighter|smaller|fewer) than",
}
AFTERWARDS: dict[Operator, str] = {  # what may follow a number: "100 minutes or less", "2000 or later", "2 hours max"
    "$gte": r"(?:or|and) (?:later|newer|more|longer|above|over|up|after)|onwards?|plus",
    "$lte": r"or (?:less|earlier|older|shorter|under|below|fewer|before|cheaper)|max(?:imum)?|tops|at most",
}
COMPARED = "|".join(f"(?P<c{name[1:]}>{words})" for name, words in COMPARATORS.items())
FOLLOWED = "|".join(f"(?P<c{name[1:]}>{words})" for name, words in AFTERWARDS.items())
AMOUNT = (
    rf"(?P<sign>[$€£])?(?P<number>{NUMBER})\s*(?P<early>and a half\s+)?"
    r"(?P<unit>(?!and\b|or\b)[a-z]+|[$€£])?(?P<half>\s+and a half)?"
)
RANGE = re.compile(
    rf"\b(?:between|from)\s+(?P<sign>[$€£])?(?P<low>{NUMBER})\s*(?P<u1>[a-z]+|[$€£])?\s+(?:and|to|until)\s+"
    rf"[$€£]?(?P<high>{NUMBER})\s*(?P<unit>[a-z]+|[$€£])?",
    re.IGNORECASE,
)
SPAN = re.compile(
    r"(?<![\w-])(?P<sign>[$€£])?(?P<low>\d+(?:[.,]\d+)?)\s*(?P<u1>[$€£])?\s*[-–]\s*[$€£]?(?P<high>\d+(?:[.,]\d+)?)\s*"
    r"(?P<unit>[a-z]+|[$€£])?",
    re.IGNORECASE,
)  # "30-50 €": only with a unit, for "8-10" alone may be anything
PARTY = re.compile(rf"\b(?:for|sleeps|seats|serves)\s+(?P<number>{NUMBER})\s+(?P<unit>people|persons|guests)\b", re.IGNORECASE)
BOUND = re.compile(rf"(?P<negated>\bnot(?:hing)?\s+)?\b(?:{COMPARED})\s+(?:the year\s+)?{AMOUNT}", re.IGNORECASE)
BOUND_AFTER = re.compile(rf"(?<!\w){AMOUNT}\s+(?:{FOLLOWED})\b", re.IGNORECASE)
DECADE = re.compile(
    rf"(?P<played>\b(?:set|plays?|playing|back|boy|girl|story)\s+(?:back\s+)?in\s+(?:the\s+)?)?(?P<negated>\bnot\s+)?"
    rf"\b(?:from |in |of )?(?:the )?(?:(?P<part>early|late|mid)[ -])?"
    rf"(?:(?P<digits>(?:1[89]|20)?\d0)['’]?s|(?P<word>{'|'.join(DECADES)}))\b",
    re.IGNORECASE,
)
EXACT_YEAR = re.compile(rf"\b(?:in|from|of)\s+(?P<number>1[89]\d\d|20\d\d)\b(?!\s*{LATER})", re.IGNORECASE)
TOLD = re.compile(  # before a year: says when something there is came out; "which came out", "if it is" ask
    r"(?<!that )(?<!which )(?<!if it )(?<!as it )\b(?:is|was|were|came|coming)(?: (?:out|released|made|from|published))*$"
)
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
    for candidate in (
        *_ranges(text, catalogue),
        *_parties(text, catalogue),
        *_bounds(text, catalogue),
        *_decades(text, catalogue),
        *_years(text, catalogue),
    ):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    return tuple(sorted(found, key=lambda number: number.start))


def _ranges(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    for match in (*RANGE.finditer(text), *SPAN.finditer(text)):
        low, high = _value(match["low"]), _value(match["high"])
        unit, sign = match["unit"] or match["u1"] or "", match["sign"] or ""
        facet, factor = _facet(catalogue, unit, sign, low, text)
        if facet and (match.re is RANGE or _by_unit(catalogue, unit, sign)):
            constraints = (
                Constraint(facet, "$gte", low * factor, match.group().strip()),
                Constraint(facet, "$lte", high * factor, match.group().strip()),
            )
            yield NumberFound(match.start(), match.end(), constraints)


def _parties(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    """How many people it is for: room for at least so many."""
    for match in PARTY.finditer(text):
        found = _by_unit(catalogue, match["unit"], "")
        if found:
            bound = Constraint(found[0], "$gte", _value(match["number"]), match.group())
            yield NumberFound(match.start(), match.end(), (bound,))


def _bounds(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    for match in (*BOUND_AFTER.finditer(text), *BOUND.finditer(text)):
        groups = match.groupdict()
        operator: Operator = next(op for op in COMPARATORS if groups.get(f"c{op[1:]}"))
        number = _value(match["number"]) + (0.5 if match["half"] or match["early"] else 0)
        facet, factor = _facet(
            catalogue, match["unit"] or "", match["sign"] or "", number, text, groups.get(f"c{operator[1:]}") or ""
        )
        if facet is None:
            continue
        if groups.get("negated"):
            operator = OPPOSITE[operator]
        has_unit = (match["unit"] or "-").lower() in (*catalogue.facets[facet].units, catalogue.facets[facet].unit)
        end = match.end() if has_unit or match.re is BOUND_AFTER else match.end("number")
        constraint = Constraint(facet, operator, number * factor, text[match.start() : end].strip())
        yield NumberFound(match.start(), end, (constraint,))


def _decades(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    """Decades of making; several ("eighties or nineties") are one span. "Set in the 1980s" is when a story plays."""
    facet = _year_facet(catalogue)
    if facet is None:
        return
    known = catalogue.numbers[facet]
    found = [match for match in DECADE.finditer(text) if not match["played"] and not match["negated"]]
    spans = [(match, *_decade(match)) for match in found]
    spans = [(match, first, last) for match, first, last in spans if last >= np.nanmin(known) and first <= np.nanmax(known)]
    if spans:
        start, end = spans[0][0].start(), spans[-1][0].end()
        said = text[start:end].strip()
        low, high = min(first for _, first, _ in spans), max(last for _, _, last in spans)
        yield NumberFound(start, end, (Constraint(facet, "$gte", low, said), Constraint(facet, "$lte", high, said)))


def _decade(match: re.Match[str]) -> tuple[float, float]:
    start = DECADES[match["word"].lower()] if match["word"] else _full_decade(int(match["digits"]))
    first, last = {"early": (0, 4), "mid": (3, 6), "late": (5, 9)}.get((match["part"] or "").lower(), (0, 9))
    return float(start + first), float(start + last)


def _years(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    facet = _year_facet(catalogue)
    for match in EXACT_YEAR.finditer(text) if facet else ():
        before = text[: match.start()].rstrip().lower()
        if facet and not before.endswith("set") and not TOLD.search(before):
            constraint = Constraint(facet, "$eq", float(match["number"]), match.group())
            yield NumberFound(match.start(), match.end(), (constraint,))


def _by_unit(catalogue: Catalogue, unit: str, sign: str) -> tuple[str, float] | None:
    for facet in _number_facets(catalogue):
        for name in (unit.lower(), sign):
            if name and name in (*facet.units, facet.unit):
                return facet.name, facet.units.get(name, 1)
    return None


def _facet(
    catalogue: Catalogue, unit: str, sign: str, number: float, text: str, compared: str = ""
) -> tuple[str | None, float]:
    """Which number facet a number speaks of, and what to multiply it by.

    By its unit, by the facet's own word of comparison ("cheaper than"), as a year, by the facet's name in the text.
    """
    found = _by_unit(catalogue, unit, sign)
    if found:
        return found
    for facet in _number_facets(catalogue):
        if compared.lower().removesuffix(" than") in (*facet.up, *facet.down):
            return facet.name, 1
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
    if text.lower() in WORD_NUMBERS:
        return float(WORD_NUMBERS[text.lower()])
    thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+", text)
    return float(text.replace(",", "" if thousands else "."))
