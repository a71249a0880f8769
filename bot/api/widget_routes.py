"""Serves the widget: the script for other people's pages, and the page /embed that the script shows in a frame."""

from pathlib import Path

from fastapi import APIRouter

from bot.api.static_files import add_file, read_file

HERE = Path(__file__).parent / "widget"
SCRIPTS = ("api", "cards", "dom", "embed", "host", "known", "sessions", "site", "talk", "visit")
PARTS = ("embed.css", "icon.svg", *(f"{name}.js" for name in SCRIPTS))  # of the page, beside embed.html
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SHARED = {  # with pages of any origin
    "Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
}  # fmt: skip
FRESH = {"Cache-Control": "no-cache"}  # asked for again, answered with 304 while nothing has changed


def widget_routes() -> APIRouter:
    """`GET /widget.js`, `/embed` and what the page is made of; no other file can be asked for."""
    routes = APIRouter()
    add_file(routes, "/widget.js", read_file(HERE / "widget.js", SHARED))
    add_file(routes, "/embed", read_file(HERE / "embed.html", {**FRESH, "Content-Security-Policy": POLICY}))
    for name in PARTS:
        add_file(routes, f"/embed/{name}", read_file(HERE / name, FRESH))
    return routes
