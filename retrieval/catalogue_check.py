"""A catalogue looked over before it is shown to people: what is wrong with it, and what looks odd."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from retrieval.catalogue import Catalogue
from retrieval.findings import Finding, found, place
from retrieval.images import locate_image
from retrieval.items import ALL
from retrieval.near_duplicates import near_duplicates
from retrieval.text_check import check_texts


def check_catalogue(catalogue: Catalogue, image_hosts: Collection[str] = ()) -> list[Finding]:
    """Everything found, errors first.

    Errors: rows left out, items that stand twice, links to items that are not there, characters that do not print,
    pictures that cannot be shown, values in catalogue.toml that no item carries. The rest are warnings.
    """
    findings = [
        *found("error", "rows left out", (f"line {bad.line} {bad.why}" for bad in catalogue.problems)),
        *_duplicates(catalogue),
        *_links(catalogue),
        *_pictures(catalogue, image_hosts),
        *_settings(catalogue),
        *_spellings(catalogue),
        *check_texts(catalogue),
    ]
    return sorted(findings, key=lambda finding: finding.severity)


def _duplicates(catalogue: Catalogue) -> Iterator[Finding]:
    items, alike = catalogue.items, defaultdict[str, list[int]](list)
    told = [(i.title.casefold(), i.description, sorted(i.facets.items()), sorted(i.links.items()), i.image) for i in items]
    for row, all_but_id in enumerate(told):
        alike[repr(all_but_id)].append(row)
    same = {(rows[0], row) for rows in alike.values() for row in rows[1:]}
    pairs = near_duplicates([item.description for item in items])
    near = [(a, b, like) for a, b, like in pairs if told[a] != told[b]]

    def named(first: int, second: int) -> str:
        return f"{place(catalogue, items[second])} as {place(catalogue, items[first])}"

    yield from found("error", "the same but for the id", (named(*pair) for pair in sorted(same)))
    yield from found("warning", "descriptions that say nearly the same", (f"{named(a, b)}: {like:.0%}" for a, b, like in near))


def _links(catalogue: Catalogue) -> Iterator[Finding]:
    links = [(item, name, ids) for item in catalogue for name, ids in item.links.items()]
    broken = (f"{place(catalogue, item)} {name} {i!r}" for item, name, ids in links for i in ids if i not in catalogue)
    idle = (f"{place(catalogue, item)} {name}" for item, name, ids in links if len({*ids, item.id}) <= len(ids))
    yield from found("error", "links to items that are not there", broken)
    yield from found("warning", "links to the item itself, or twice to the same", idle)


def _pictures(catalogue: Catalogue, hosts: Collection[str]) -> Iterator[Finding]:
    faults: list[str] = []
    for item in catalogue:
        try:
            if item.image:
                locate_image(item.image, catalogue.folder, hosts)
        except ValueError as error:
            faults.append(f"{place(catalogue, item)} {error}")
    yield from found("error", "pictures that cannot be shown, so that a drawn cover stands in", faults)


def _settings(catalogue: Catalogue) -> Iterator[Finding]:
    named = [
        (facet.name, value) for facet in catalogue.facets.values() for value in (*facet.synonyms, *facet.hard) if value != ALL
    ]
    unused = (f"facets.{name} {value!r}" for name, value in named if value.lower() not in catalogue.postings.get(name, {}))
    yield from found("error", "values in catalogue.toml that no item carries", unused)


def _spellings(catalogue: Catalogue) -> Iterator[Finding]:
    written: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in catalogue:
        for name in catalogue.postings:
            for value in item.words(name):
                written[name, re.sub(r"[\s_\-/.,'’]", "", value.casefold())].add(value)
    twins = (f"{name}: {' / '.join(sorted(values))}" for (name, _), values in sorted(written.items()) if len(values) > 1)
    yield from found("warning", "facet values that differ in writing only", twins)
