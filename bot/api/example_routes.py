"""Serves the example pages that carry the widget, under /examples/, where they are asked for."""

from pathlib import Path

from fastapi import APIRouter

from bot.api.static_files import add_file, read_file
from bot.api.widget_routes import FRESH

HERE = Path(__file__).parent / "examples"
FILES = (
    "shop.html", "shop.js", "single_page.html", "single_page.js", "strict.html", "strict.js", "items.js", "examples.css",
)  # fmt: skip
STRICT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)


def example_routes() -> APIRouter:
    """`GET /examples/` and the pages that it names."""
    routes = APIRouter()
    add_file(routes, "/examples/", read_file(HERE / "index.html", FRESH))
    for name in FILES:
        policy = {"Content-Security-Policy": STRICT} if name == "strict.html" else {}
        add_file(routes, f"/examples/{name}", read_file(HERE / name, FRESH | policy))
    return routes
