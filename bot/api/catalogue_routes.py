"""The routes of the catalogue, which are open to everybody."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query

from bot.api.door import OpenDoor
from bot.api.models import FacetOut, ItemOut, ItemsOut, SiteOut
from bot.api.problems import Problem, documented
from retrieval.items import Item

routes = APIRouter(prefix="/api/v1", tags=["catalogue"])


@routes.get("/site", responses=documented(403, 404, 422))
def site(door: OpenDoor) -> SiteOut:
    """A site: its words, colours and prompts, and what its items are called."""
    told, catalogue = door.site, door.recommender.catalogue
    facets = catalogue.facets.values()
    return SiteOut(
        name=told.name, title=told.title or catalogue.plural.capitalize(), noun=catalogue.noun, plural=catalogue.plural,
        greeting=told.greeting, starters=list(told.starters or catalogue.starters), replies=list(catalogue.replies),
        labels={"consumed": catalogue.consumed, **told.labels}, colours=dict(told.colours),
        card=[facet.name for facet in facets if facet.card],
        facets={facet.name: FacetOut(label=facet.label, unit=facet.unit) for facet in facets},
        pictures=any(item.image for item in catalogue), origins=list(told.origins),
    )  # fmt: skip


@routes.get("/items/{item_id:path}", responses=documented(403, 404, 422))
def item(item_id: str, door: OpenDoor) -> ItemOut:
    """One item."""
    if item_id not in door.recommender.catalogue:
        raise Problem(404, f"The catalogue has no item {item_id[:80]!r}.")
    return _told(door.recommender.catalogue[item_id])


@routes.get("/items", responses=documented(403, 404, 422))
def items(
    door: OpenDoor, q: Annotated[str, Query(max_length=200, description="words to look for; without any, all items")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str, Query(max_length=256, description="`next` of the page before")] = "",
) -> ItemsOut:  # fmt: skip
    """The items that hold the words, best first, page by page."""
    catalogue = door.recommender.catalogue
    rows = np.arange(len(catalogue))
    if q.strip():
        scores = door.recommender.sources.lexical.scores(q)
        rows = np.flatnonzero(scores > 0)
        rows = rows[np.argsort(-scores[rows], kind="stable")]
    found = [catalogue.items[row] for row in rows]
    start = 0
    if after:
        start = next((at for at, one in enumerate(found, 1) if one.id == after), -1)
        if start < 0:
            raise Problem(422, f"query.after: {after[:80]!r} is not the end of any page of these items")
    page = found[start : start + limit]
    return ItemsOut(items=[_told(one) for one in page], next=page[-1].id if start + limit < len(found) else None)


def _told(item: Item) -> ItemOut:
    facets = {name: list(value) if isinstance(value, tuple) else value for name, value in {**item.facets, **item.links}.items()}
    return ItemOut(id=item.id, title=item.title, description=item.description, facets=facets)
