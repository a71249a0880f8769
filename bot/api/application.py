"""The API as an application of FastAPI, described at /openapi.json and /docs; the page is mounted behind it."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi_swagger import patch_fastapi

from bot.api import catalogue_routes, metrics_routes, profile_routes, routes, script_routes
from bot.api.bounded import Bounded
from bot.api.door import Door, Script
from bot.api.example_routes import example_routes
from bot.api.identity import Tokens
from bot.api.images import image_routes
from bot.api.models import EventIn, ProblemOut
from bot.api.observed import Observed
from bot.api.patience import Impatient
from bot.api.problems import told_as_problems
from bot.api.sites import DEFAULT, Site
from bot.api.turns import AT_ONCE, OpenTurns
from bot.api.widget_routes import widget_routes
from bot.metrics import watch
from bot.recommender import Recommender

REF = "#/components/schemas/{model}"


def api(
    recommenders: Mapping[str, Recommender],
    sites: Mapping[str, Site],
    secret: bytes,
    turns_at_once: int = AT_ONCE,
    examples: bool = False,
    scripts: Mapping[str, Script] | None = None,
) -> FastAPI:
    """The application over the recommenders of `sites`, by name; tokens are signed with `secret`.

    `examples`: whether example pages are served; `scripts`: by site how a session is saved as a test, None: not at all.
    """
    app = FastAPI(title="Parley", version="1", docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None)
    turns, tokens = OpenTurns(turns_at_once), Tokens(secret)
    app.state.doors = {
        name: Door(site, recommenders[name], tokens, turns, (scripts or {}).get(name)) for name, site in sites.items()
    }
    app.add_middleware(Bounded)
    app.add_middleware(Impatient)
    origins = sorted({origin for site in sites.values() for origin in site.origins})
    app.add_middleware(
        CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
        expose_headers=["Retry-After", "X-Request-ID"],
    )  # fmt: skip
    app.add_middleware(Observed)
    watch(lambda: len(turns), lambda: _cache_of(recommenders[DEFAULT]))
    told_as_problems(app)
    for part in (routes, profile_routes, script_routes, catalogue_routes, metrics_routes):
        app.include_router(part.routes)
    catalogues = {name: recommender.catalogue for name, recommender in recommenders.items()}
    app.include_router(image_routes(catalogues), include_in_schema=False)
    app.include_router(widget_routes(sites), include_in_schema=False)
    if examples:
        app.include_router(example_routes(), include_in_schema=False)
    patch_fastapi(app, redirect_from_root_to_docs=False)  # Swagger's page from its own files: nothing is fetched from elsewhere

    def described() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _with_schemas(get_openapi(title=app.title, version=app.version, routes=app.routes))
        return app.openapi_schema

    app.openapi = described
    return app


def _with_schemas(told: dict[str, Any]) -> dict[str, Any]:
    """The description with the schemas that no route declares itself: problems, and the events of a batch."""
    schemas = told["components"]["schemas"]
    schemas["Problem"] = ProblemOut.model_json_schema(ref_template=REF)
    schemas["Event"] = EventIn.model_json_schema(ref_template=REF)
    one = {"$ref": REF.format(model="Event")}
    schemas["Events"] = {"anyOf": [one, {"type": "array", "items": one, "maxItems": routes.MOST_EVENTS}]}
    return told


def _cache_of(recommender: Recommender) -> tuple[int, int]:
    """Hits and misses of the cache of embedded texts; zeros where nothing embeds."""
    seen = getattr(recommender.embeddings, "remembered", None)
    return (seen.hits, seen.misses) if seen else (0, 0)
