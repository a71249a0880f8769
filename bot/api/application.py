"""The API as an application of FastAPI, described at /openapi.json and /docs; the page is mounted behind it."""

from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi_swagger import patch_fastapi

from bot.api import catalogue_routes, profile_routes, routes
from bot.api.bounded import Bounded
from bot.api.door import Door
from bot.api.example_routes import example_routes
from bot.api.identity import Tokens
from bot.api.images import image_routes
from bot.api.models import EventIn, ProblemOut
from bot.api.problems import told_as_problems
from bot.api.site_routes import allowed_origins, site_routes
from bot.api.widget_routes import widget_routes
from bot.recommender import Recommender

REF = "#/components/schemas/{model}"


def api(recommender: Recommender, secret: bytes, examples: bool = False) -> FastAPI:
    """The application over a recommender; tokens are signed with `secret`. `examples`: whether example pages are served."""
    app = FastAPI(title="Parley", version="1", docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None)
    app.state.door = Door(recommender, Tokens(secret))
    app.add_middleware(Bounded)
    app.add_middleware(
        CORSMiddleware, allow_origins=allowed_origins(), allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type"], expose_headers=["Retry-After"],
    )  # fmt: skip
    told_as_problems(app)
    for part in (routes, profile_routes, catalogue_routes):
        app.include_router(part.routes)
    app.include_router(image_routes(recommender.catalogue), include_in_schema=False)
    app.include_router(site_routes(recommender.catalogue), include_in_schema=False)
    app.include_router(widget_routes(), include_in_schema=False)
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
