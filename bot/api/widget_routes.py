"""Serves the widget: the script for other people's pages, and the page /embed that the script shows in a frame."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.api.problems import Problem
from bot.api.sites import DEFAULT, Site
from bot.api.static_files import add_file, read_file

HERE = Path(__file__).parent / "widget"
SCRIPTS = ("api", "cards", "dom", "embed", "host", "known", "sessions", "site", "talk", "visit")
PARTS = ("embed.css", "icon.svg", *(f"{name}.js" for name in SCRIPTS))  # of the page, beside embed.html
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {ancestors}"
)
SHARED = {  # with pages of any origin
    "Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
}  # fmt: skip
FRESH = {"Cache-Control": "no-cache"}  # asked for again, answered with 304 while nothing has changed


def widget_routes(sites: Mapping[str, Site]) -> APIRouter:
    """`GET /widget.js`, `/embed` and what the page is made of; no other file can be asked for.

    `/embed?site=NAME` may be framed by the pages of that site's origins, and by Parley's own.
    """
    routes = APIRouter()
    add_file(routes, "/widget.js", read_file(HERE / "widget.js", SHARED))
    pages = {
        name: read_file(HERE / "embed.html", {**FRESH, "Content-Security-Policy": _policy(site)})
        for name, site in sites.items()
    }

    def embed(request: Request, site: str = DEFAULT) -> Response:
        if site not in pages:
            raise Problem(404, f"There is no site {site[:40]!r} here.")
        return pages[site].answer(request)

    routes.add_api_route("/embed", embed, methods=["GET", "HEAD"], response_model=None)
    for name in PARTS:
        add_file(routes, f"/embed/{name}", read_file(HERE / name, FRESH))
    return routes


def _policy(site: Site) -> str:
    return POLICY.format(ancestors=" ".join(("'self'", *site.origins)))
