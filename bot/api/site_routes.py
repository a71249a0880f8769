"""Tells the widget's page about the site that it stands on."""

import os
from typing import Any

from fastapi import APIRouter

from retrieval.catalogue import Catalogue


def allowed_origins() -> list[str]:
    """The origins whose pages may show the widget."""
    return os.environ.get("PARLEY_TEST_ORIGINS", "").split()


def site_routes(catalogue: Catalogue) -> APIRouter:
    """`GET /api/v1/site`."""

    def site(site: str = "") -> dict[str, Any]:
        shown = [facet for facet in catalogue.facets.values() if facet.card]
        return {
            "name": site, "title": "Parley", "noun": catalogue.noun, "plural": catalogue.plural, "greeting": "",
            "starters": list(catalogue.starters), "replies": list(catalogue.replies),
            "labels": {"consumed": catalogue.consumed}, "colours": {}, "card": [facet.name for facet in shown],
            "facets": {facet.name: {"label": facet.label, "unit": facet.unit} for facet in catalogue.facets.values()},
            "pictures": any(item.image for item in catalogue), "origins": allowed_origins(),
        }  # fmt: skip

    routes = APIRouter(prefix="/api/v1")
    routes.add_api_route("/site", site, methods=["GET"])
    return routes
