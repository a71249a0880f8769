"""Finds conditions on numbers in a message: "after 2010", "under 2 hours", "between $20 and $50", "from the nineties"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.words import DECADES, WORD_NUMBERS
from retrieval.catalogue import Catalogue, Facet
from retrieval.constraints import Constraint, Operator
from retrieval.lexical import common_words

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:[.,]\d+)?|" + "|".join(sorted(WORD_NUMBERS, key=len, reverse=True)) + r")"
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
    r"(?<![\w-])(?P<sign>[$€£])?(?P<low>\d+(?:[.,]\d+)?)\s*(?P<u1>[a-z]{1,3}\b|[$€£])?\s*(?:[-–]|\bto\b)\s*[$€£]?(?P<high>\d+(?:[.,]\d+)?)\s*"
    r"(?P<unit>[a-z]+|[$€£])?",
    re.IGNORECASE,
)  # "30-50 €": only with a unit, for "8-10" alone may be anything
FEW = rf"[1-9]\d?|{'|'.join(list(WORD_NUMBERS)[:10])}"
PARTY = re.compile(
    rf"(?<!not )\b(?:for|sleeps|seats|serves|fits)\s+(?:just |only |up to |about )?(?P<number>{FEW})"
    r"(?:\s+(?P<who>people|persons?|guests|of us|adults|campers|hikers)\b"
    r"|(?=\W*$|[,.;!?)]|\s+(?:that|which|who|and|or|under|below|with|in|from|but|at|please|to|on|by|without|not)\b))"
    rf"|\b(?P<roomy>{FEW})[ -](?:person|people|man)\b(?=\s+\w)"  # "a two-person tent"
    rf"|\b(?:family|group|party|team|crew|household|bunch) of (?P<group>{FEW})\b"
    rf"|\b(?:there(?:['’]s| are| is|['’]ll be)|we(?:['’]re| are)) (?:only |just )?(?P<us>{FEW})(?: of us|(?= people)"
    rf"|(?=\W*$|[,.;]))",
    re.IGNORECASE,
)
SIZED = re.compile(  # "a 60 litre pack", "I meant 60 litres"
    r"\b(?:an?|the|mean|meant|holds?|holding|want|need)\s+(?P<number>\d+(?:[.,]\d+)?)[\s-]*(?P<unit>[a-z]+|[$€£])"
    r"(?!\s*(?:or|and) (?:less|more|under|up))",
    re.IGNORECASE,
)
NOT = (
    r"(?:\b(?:not|nothing|never|cannot)|\b(?:should|must|does|do|wo|ca|may|need)n['’]?t)\s+"
    r"(?:(?:from|made|be|cost|weigh|go|run|take|last|any|anything|much)\s+)*"
)
BOUND = re.compile(
    rf"(?P<negated>{NOT})?\b(?:{COMPARED})(?:\s+the year)?(?:,? (?:say|like|maybe),?)?\s+{AMOUNT}", re.IGNORECASE
)
BOUND_AFTER = re.compile(rf"(?<!\w){AMOUNT}\s+(?:{FOLLOWED})\b", re.IGNORECASE)
ABOUT = re.compile(rf"(?:\b(?:around|about|roughly|approximately|circa|somewhere near)\s+|~\s*){AMOUNT}", re.IGNORECASE)
LEEWAY, YEARS_OFF = 0.2, 5  # "around 50 euros" is 40 to 60, "around 1990" 1985 to 1995
DECADE = re.compile(
    rf"(?P<played>\b(?:set|plays?|playing|back|boy|girl|story)\s+(?:back\s+)?in\s+(?:the\s+)?)?(?P<negated>\bnot\s+)?"
    rf"\b(?:from |in |of )?(?:the )?(?:(?P<part>early|late|mid)[ -])?"
    rf"(?:(?P<digits>(?:1[89]|20)?\d0)['’]?s|(?P<word>{'|'.join(DECADES)}))\b",
    re.IGNORECASE,
)
EXACT_YEAR = re.compile(rf"\b(?:in|from|of)\s+(?P<number>1[89]\d\d|20\d\d)\b(?!\s*{LATER})", re.IGNORECASE)
RECENT = re.compile(
    rf"\b(?:(?:from|of|in|within|during|over)\s+)?(?:the\s+)?(?:last|past)\s+(?:(?P<number>few|couple of|\d\d?|{FEW})\s+years"
    r"|(?P<decade>decade))\b",
    re.IGNORECASE,
)  # "from the last ten years"
WATCHED = re.compile(
    r"\b(?:seen|saw|watch(?:ed|ing)?|been|read|owned?|had|used)\b[^.!?;]*$", re.IGNORECASE
)  # when, not of what
VAGUE = {"few": 5, "couple of": 2}
TOLD = re.compile(  # before a year: says when something there is came out; "which came out", "if it is" ask
    r"(?<!that )(?<!which )(?<!if it )(?<!as it )\b(?:is|was|were|came|coming)(?: (?:out|released|made|from|published))*$"
)
OPPOSITE: dict[Operator, Operator] = {"$gt": "$lte", "$gte": "$lt", "$lt": "$gte", "$lte": "$gt"}
MONEY = ("€", "$", "£")
OF_TIME = ("after", "before", "since", "past", "until", "till")
CHEAPEST = 5  # of its units: smaller bare numbers count things
YEARS = (1000, 2200)  # a number facet whose values all lie between is one of years


@dataclass(frozen=True, slots=True)
class NumberFound:
    """Constraints with the characters [start, end) of the message that set them.

    `of_kinds`: they are conditions where the kind of thing asked for is told by such numbers ("a tent for two"), else wishes.
    """

    start: int
    end: int
    constraints: tuple[Constraint, ...]
    of_kinds: bool = False


def find_numbers(text: str, catalogue: Catalogue) -> tuple[NumberFound, ...]:
    """Conditions on the catalogue's number facets, in the order of the text, none overlapping."""
    found: list[NumberFound] = []
    for candidate in (
        *_ranges(text, catalogue),
        *_parties(text, catalogue),
        *_bounds(text, catalogue),
        *_nearly(text, catalogue),
        *_decades(text, catalogue),
        *_years(text, catalogue),
        *_recent(text, catalogue),
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
        found = _by_unit(catalogue, "people", "")
        if found:
            number = match["number"] or match["roomy"] or match["group"] or match["us"]
            told = bool(match["number"]) and not match["who"]  # "for two": of what is made for so many, else a wish
            bound = Constraint(found[0], "$gte" if _value(number) > 1 else "$eq", _value(number), match.group().strip())
            yield NumberFound(match.start(), match.end(), (bound,), of_kinds=told)


def _bounds(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    for match in (*BOUND_AFTER.finditer(text), *BOUND.finditer(text)):
        groups = match.groupdict()
        operator: Operator = next(op for op in COMPARATORS if groups.get(f"c{op[1:]}"))
        number = _value(match["number"]) + (0.5 if match["half"] or match["early"] else 0)
        facet, factor = _facet(
            catalogue, match["unit"] or "", match["sign"] or "", number, text, groups.get(f"c{operator[1:]}") or ""
        )
        of_time = (groups.get(f"c{operator[1:]}") or "").lower() in OF_TIME
        if facet is None or (of_time and facet != _year_facet(catalogue)):  # "nods off after two hours" sets no running time
            continue
        if groups.get("negated"):
            operator = OPPOSITE[operator]
        has_unit = (match["unit"] or "-").lower() in (*catalogue.facets[facet].units, catalogue.facets[facet].unit)
        end = match.end() if has_unit or match.re is BOUND_AFTER else match.end("number")
        constraint = Constraint(facet, operator, number * factor, text[match.start() : end].strip())
        yield NumberFound(match.start(), end, (constraint,))


def _nearly(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    """Amounts that are told roughly."""
    for match in (*ABOUT.finditer(text), *SIZED.finditer(text)):
        groups = match.groupdict()
        number = _value(match["number"]) + (0.5 if groups.get("half") or groups.get("early") else 0)
        unit, sign = match["unit"] or "", groups.get("sign") or ""
        found = _by_unit(catalogue, unit, sign)
        year = _year_facet(catalogue)
        if found is None and year and YEARS[0] <= number <= YEARS[1] and number == int(number) and not unit:
            off, found = float(YEARS_OFF), (year, 1.0)
        else:
            off = (LEEWAY if match.re is ABOUT else LEEWAY / 2) * number
        if found:
            facet, factor = found
            said, low, high = match.group().strip(), (number - off) * factor, (number + off) * factor
            bounds = (Constraint(facet, "$gte", round(low, 2), said), Constraint(facet, "$lte", round(high, 2), said))
            yield NumberFound(match.start("number"), match.end(), bounds)


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


def _recent(text: str, catalogue: Catalogue) -> Iterator[NumberFound]:
    """What is no older than so many years today."""
    facet = _year_facet(catalogue)
    for match in RECENT.finditer(text) if facet else ():
        number = "10" if match["decade"] else match["number"].lower()
        first = date.today().year - (VAGUE.get(number) or int(_value(number)))
        if facet and not WATCHED.search(text[: match.start()]):
            yield NumberFound(match.start(), match.end(), (Constraint(facet, "$gte", float(first), match.group().strip()),))


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
    paid = next((facet.name for facet in _number_facets(catalogue) if facet.unit in MONEY), None)
    bare = not unit or unit.lower() in common_words()
    fits = bare and number >= CHEAPEST and compared.lower() not in OF_TIME
    return (paid if fits else None), 1  # a bare number where things have prices: "under 50"


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
