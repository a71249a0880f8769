"""Paths that climb: whatever way a file beside those that are served is named, not a byte of it is told."""

import json
import os
import re
import socket
from itertools import product
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from tests.running import ROOT, free_port, serving

PICTURE, CANARY = b"\x89PNG a picture", b"\x89PNG canary-9f41"
CLIMBS = (
    "../", "..%2f", "..%2F", "%2e%2e/", "%2e%2e%2f", ".%2e/", "%2e./", "%252e%252e/", "%252e%252e%252f", "..%252f", "..\\",
    "..%5c", "%2e%2e%5c", "..%255c", "....//", "....\\/", "..//", ".././", "/../", "..;/", "..%00/", "%00../", "%c0%ae%c0%ae/",
    "%c0%ae%c0%ae%c0%af", "..%c0%af", "%e0%80%ae%e0%80%ae/", "..%e0%80%af", "..%ef%bc%8f", "%ef%bc%8e%ef%bc%8e/",
    "..%e2%88%95", "..%u2215", "%uff0e%uff0e/", "..%0d%0a/", "..%09/", "x/../../", "?../",
)  # fmt: skip
WHOLE = (  # how an absolute path is written
    "{}", "/{}", "//{}", "%2f{}", "%252f{}", "\\{}", "%5c{}", "file://{}", "file:%2f%2f{}", "{}%00", "{}%00.png", "{}%00.js",
    "{}/", "{}/.", "{}%20", "{}?x.png", "{}%23.png", "{}::$DATA", "//127.0.0.1{}", "\\\\127.0.0.1{}", "~{}", "C:{}",
    "/proc/self/root{}", "/proc/self/cwd/..{}",
)  # fmt: skip
DEPTHS = (1, 2, 3, 12)  # how far up; twelve is beyond the root
ROUTES = (
    "/embed/", "/embed", "/widget.js/", "/examples/", "/images/", "/images/tent/", "/images/out/", "/docs/",
    "/swagger-ui-assets/", "/gradio_api/file=", "/gradio_api/file/", "/file=", "/file/", "/gradio_api/proxy=",
    "/static/", "/static/fonts/",
    "/assets/", "/svg/", "/custom_component/", "/gradio_api/deep_link?session_hash=", "/theme.css/", "/",
)  # fmt: skip
SITES = '[shop]\nkeys = [{algorithm = "HS256", file = "shop.key"}]\n'
KEY = b"canary-key-of-the-shop-long-enough-for-it"


@pytest.fixture(scope="module")
def parley(tmp_path_factory):
    """A served Parley whose catalogue has pictures and links out of its folder; files that nobody may have lie beside it."""
    folder, port = tmp_path_factory.mktemp("paths"), free_port()
    shelf, data = folder / "shelf", folder / "data"
    shelf.mkdir()
    items = {"tent": "tent.png", "link": "out.png", "far": "out/canary.png", "up": "../canary.png"}
    rows = [{"id": name, "title": name.title(), "description": "Something.", "image": file} for name, file in items.items()]
    rows += [{"id": "whole", "title": "Whole", "description": "Something.", "image": str(folder / "canary.png")}]
    (shelf / "catalogue.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (shelf / "tent.png").write_bytes(PICTURE)
    (shelf / "out.png").symlink_to(folder / "canary.png")
    (shelf / "out").symlink_to("..")
    for name in ("canary.png", "canary.txt", "shelf/canary.txt", "shelf/canary.js", "shelf/canary.png"):
        (folder / name).write_bytes(CANARY)
    (folder / "shop.key").write_bytes(KEY)
    (folder / "sites.toml").write_text(SITES)
    with serving(data, shelf, port, options=["--examples"], PARLEY_SITES=str(folder / "sites.toml")):
        secrets = {CANARY, KEY, (data / "api.key").read_bytes(), b"SQLite format 3", b"root:x:0", b'"""What the API takes'}
        yield SimpleNamespace(port=port, folder=folder, secrets=secrets)


def asked(parley, target: str) -> bytes:
    """The whole answer to a path that is sent as it is written: a client would tidy it."""
    with socket.create_connection(("127.0.0.1", parley.port), timeout=20) as line:
        line.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % os.fsencode(target))
        return b"".join(iter(lambda: line.recv(65_536), b""))


def wanted(parley) -> list[str]:
    names = ("canary.png", "shelf/canary.txt", "data/api.key", "data/log.sqlite3")
    return [*(str(parley.folder / name) for name in names), "/etc/passwd", str(ROOT / "bot/api/models.py")]


def forms(file: str) -> list[str]:
    climbing = [climb * 12 + file[1:] for climb in CLIMBS]
    return [*climbing, *(way.format(file) for way in WHOLE)]


def short_forms() -> list[str]:
    """Ways to files that lie near what is served."""
    near = ("models.py", "bot/api/models.py", "canary.png", "canary.txt", "data/api.key", "sites.toml")
    return [climb * depth + name for climb, depth, name in product(CLIMBS, DEPTHS[:3], near)]


def test_there_are_enough_forms_and_a_careless_server_would_obey_many(parley):
    assert len(set(CLIMBS)) + len(set(WHOLE)) >= 25
    file = str(parley.folder / "canary.png")

    def careless(form: str) -> bool:
        """Unpacks the path as often as it can and opens what it then names."""
        path = unquote(unquote(form)).replace("\\", "/").partition("\0")[0].partition("?")[0]
        return os.path.isfile(f"{ROOT}/bot/api/widget/{path}") or os.path.isfile(path)

    assert sum(map(careless, forms(file))) >= 25


@pytest.mark.parametrize("route", ROUTES)
def test_no_path_leads_out_of_what_is_served(parley, route):
    files, at = wanted(parley), ROUTES.index(route)  # one file in all forms, the others in a fifth of them
    paths = {*forms(files[0]), *(form for file in files for form in forms(file)[at % 5 :: 5]), *short_forms()[at % 13 :: 13]}
    for path in sorted(paths):
        told = asked(parley, route + path.replace(" ", "%20"))
        assert not [secret for secret in parley.secrets if secret in told], path
        assert not re.match(rb"HTTP/1.1 5", told), (path, told[:200])


@pytest.mark.parametrize("item", ["link", "far", "up", "whole", "out.png", "out/canary.png", "canary.png", "tent.png"])
def test_a_picture_is_served_by_its_item_and_never_through_a_link_out_of_the_folder(parley, item):
    assert PICTURE in asked(parley, "/images/tent")
    assert b" 404 " in asked(parley, f"/images/{item}").split(b"\r\n")[0]


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "PROPFIND", "TRACE"])
def test_another_method_tells_no_more(parley, method):
    for route, file in product(("/embed/", "/images/", "/gradio_api/file="), wanted(parley)):
        with socket.create_connection(("127.0.0.1", parley.port), timeout=20) as line:
            path = os.fsencode(f"{route}{file}")
            line.sendall(
                b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (method.encode(), path)
            )
            told = b"".join(iter(lambda line=line: line.recv(65_536), b""))
        assert not [secret for secret in parley.secrets if secret in told]
