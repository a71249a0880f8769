"""What the page shows, as plain values for its templates: cards and quick replies. Pure."""

import zlib
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import quote

from bot import template
from bot.elicitation import Question
from retrieval.catalogue import Catalogue, Facet, Item
from retrieval.images import locate_image
from retrieval.ranking import Recommendation, Slate

FACET_VALUES = 3  # of one facet on a card
REPLIES = 4


def cards(slate: Slate, catalogue: Catalogue, liked: Collection[str], image_hosts: Collection[str] = ()) -> dict[str, Any]:
    """The slate's cards in order; `liked` are the ids whose Like is pressed, `image_hosts` those whose pictures are shown."""
    return {
        "slate": slate.id,
        "items": [_card(recommendation, catalogue, liked, image_hosts) for recommendation in slate.recommendations],
        "relaxed": template.relaxed_text(slate.relaxed, catalogue),
        "empty": not slate.recommendations,
    }


def quick_replies(slate: Slate | None, catalogue: Catalogue, question: Question | None = None) -> list[str]:
    """Short messages to go on with: answers to what was asked, else those of the catalogue or ways to move along its facets.

    Its starters at first.
    """
    if slate is None or not slate.recommendations:
        return list(catalogue.starters)
    if question:
        return [choice[:1].upper() + choice[1:] for choice in question.choices]
    moves = [facet for facet in catalogue.facets.values() if facet.up and facet.down]
    replies = [*catalogue.replies, *(f"Something {facet.up[0]}" for facet in moves)][:2]
    top = slate.recommendations[0].item
    replies += [f"More like {top.title}"]
    for facet in catalogue.facets.values():
        words = [word for word in top.words(facet.name) if word[0].islower()] if facet.card else []
        if words:  # a genre or a mood, not a name
            replies.append(f"No {words[0]}")
            break
    return replies[:REPLIES]


def _card(
    recommendation: Recommendation, catalogue: Catalogue, liked: Collection[str], image_hosts: Collection[str]
) -> dict[str, Any]:
    item = recommendation.item
    year = item.number("year")
    return {
        "id": item.id, "title": item.title, "year": f"{year:g}" if year else "", "position": recommendation.rank,
        "description": item.description, "facets": _shown_facets(item, catalogue),
        "reasons": [template.reason_text(reason, catalogue) for reason in recommendation.reasons]
        or [f"comes closest to what you said; nothing in particular speaks for this {catalogue.noun}"],
        "initials": "".join(word[0] for word in item.title.split() if word[0].isalnum())[:2].upper() or "?",
        "hue": zlib.crc32((item.words(_first_category(catalogue)) or (item.id,))[0].encode()) % 360,
        "foot": _foot(item, catalogue), "image": _image(item, catalogue, image_hosts),
        "liked": item.id in liked, "consumed": catalogue.consumed,
    }  # fmt: skip


def _shown_facets(item: Item, catalogue: Catalogue) -> list[dict[str, str]]:
    chosen: Sequence[Facet] = [facet for facet in catalogue.facets.values() if facet.card] or list(catalogue.facets.values())[
        :4
    ]
    shown: list[dict[str, str]] = []
    for facet in chosen:
        number = item.number(facet.name)
        text = f"{number:g} {facet.unit}".strip() if number is not None else ", ".join(item.words(facet.name)[:FACET_VALUES])
        if text:
            shown.append({"label": facet.label, "text": text})
    return shown


def _foot(item: Item, catalogue: Catalogue) -> str:
    """What stands at the foot of a drawn cover: the year, else the first number that cards show, such as the price."""
    shown = ["year", *(facet.name for facet in catalogue.facets.values() if facet.card and facet.kind == "number")]
    known = ((name, number) for name in shown if (number := item.number(name)) is not None)
    return next((f"{number:g} {catalogue.facets[name].unit}".strip() for name, number in known), "")


def _image(item: Item, catalogue: Catalogue, hosts: Collection[str]) -> str:
    """The address of the item's picture; empty where it has none that may be shown."""
    try:
        found = locate_image(item.image, catalogue.folder, hosts) if item.image else ""
    except ValueError:  # `parley index --check` tells it
        return ""
    return found if isinstance(found, str) else f"images/{quote(item.id, safe='')}"


def _first_category(catalogue: Catalogue) -> str:
    categories = [facet for facet in catalogue.facets.values() if facet.kind == "category"]
    return next((facet.name for facet in categories if facet.card), categories[0].name if categories else "")
