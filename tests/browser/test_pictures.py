"""Pictures on the cards of the real page: local and allowed ones are shown, over all others the drawn cover stays."""

import io
import json
import zlib
from collections.abc import Iterator
from struct import pack

import pytest
from PIL import Image
from playwright.sync_api import Browser, Request, Route

from tests.browser.visitor import Server, Visitor
from tests.running import free_port, serving

pytestmark = pytest.mark.browser

RED, BLUE = (200, 20, 40), (20, 60, 220)
ALLOWED, ELSEWHERE = "https://pictures.example", "https://elsewhere.example"
CODE = (
    f"{ALLOWED}/a.png?\"onerror=\"window.ran='image'\"x='${{window.ran=1}}{{{{window.ran}}}}<script>window.ran=2</script>&amp;"
)
ODD_ID = "kettle/№ 1%2F?\"'#&<b>${id}"
IMAGES = {
    "tent": "photos/tent.png", ODD_ID: "photos/côte d'été 100%.PNG", "stove": f"{ALLOWED}/stove.png",
    "lamp": f"{ELSEWHERE}/lamp.png", "bag": "http://pictures.example/bag.png", "map": "../secret.png", "rug": "photos/rug.png",
    "axe": "photos/missing.png", "chair": "", "mug": CODE,
}  # fmt: skip
DRAWN = ("lamp", "bag", "map", "rug", "axe", "chair")
SHOWN = {"tent": RED, ODD_ID: RED, "stove": BLUE}


def png(colour: tuple[int, int, int], width: int = 16, height: int = 22) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * width) * height
    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Serves ten things for camping, whose pictures lie here, on an allowed host, elsewhere or nowhere; no language model."""
    folder = tmp_path_factory.mktemp("pictured") / "shelf"
    (folder / "photos").mkdir(parents=True)
    rows = [
        {
            "id": name,
            "title": f"Thing {n}",
            "description": f"It is good for camping, night {n}.",
            "for": "camping",
            "image": image,
        }
        for n, (name, image) in enumerate(IMAGES.items())
    ]
    (folder / "things.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "parley.toml").write_text('image_hosts = ["pictures.example"]\nslate_size = 10\n')
    for name in ("photos/tent.png", "photos/côte d'été 100%.PNG", "../secret.png"):
        (folder / name).write_bytes(png(RED))
    (folder / "photos" / "rug.png").write_bytes(b"\x89PNG this is no picture")
    port = free_port()
    with serving(folder.parent / "data", folder / "things.jsonl", port):
        yield Server(f"http://127.0.0.1:{port}", folder.parent / "data" / "log.sqlite3")


@pytest.fixture(scope="module")
def fetched() -> list[Request]:
    """What the visitor's browser has asked of other machines, all played by this test."""
    return []


@pytest.fixture(scope="module")
def visitor(server: Server, chromium: Browser, fetched: list[Request]) -> Iterator[Visitor]:
    """A visitor who sees all the things on cards."""

    def play(route: Route) -> None:
        fetched.append(route.request)
        route.fulfill(body=png(BLUE), content_type="image/png")

    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.route(lambda url: not url.startswith((server.address, "data:", "blob:")), play)
    visitor = Visitor(context, server)
    visitor.say("something for camping")
    assert set(visitor.cards) == set(IMAGES)
    visitor.until(lambda: fetched, seconds=30)
    yield visitor
    context.close()


def cover(visitor: Visitor, item: str) -> Image.Image:
    """What a person sees of an item's cover."""
    card = visitor.page.locator(".parley-cover").nth(visitor.cards.index(item))
    return Image.open(io.BytesIO(card.screenshot())).convert("RGB")


def image(visitor: Visitor, item: str) -> dict | None:
    """The address of the picture on a card as it is written, and its width once loaded."""
    read = "(i) => ({ written: i.getAttribute('src'), width: i.naturalWidth })"
    found = visitor.page.locator(".parley-card").nth(visitor.cards.index(item)).locator("img")
    return found.evaluate(read) if found.count() else None


@pytest.mark.parametrize("item", SHOWN)
def test_a_card_shows_the_picture_over_its_whole_cover(visitor, item):
    visitor.until(lambda: image(visitor, item)["width"] == 16, seconds=10)
    seen = cover(visitor, item)
    places = [(seen.width * x // 8, seen.height * y // 8) for x, y in ((1, 1), (7, 1), (4, 4), (1, 7), (7, 7))]
    assert {seen.getpixel(place) for place in places} == {SHOWN[item]}


@pytest.mark.parametrize("item", DRAWN)
def test_a_picture_that_cannot_be_shown_leaves_the_drawn_cover(visitor, item):
    seen = cover(visitor, item)
    place = seen.width // 2, seen.height // 10
    assert seen.getpixel(place) == cover(visitor, "chair").getpixel(place)
    assert seen.getpixel(place) not in SHOWN.values()
    assert (255, 255, 255) in {colour for _, colour in seen.getcolors(1 << 16)}  # the initials


@pytest.mark.parametrize("item", ["lamp", "bag", "map", "axe", "chair"])
def test_no_address_of_a_picture_that_may_not_be_shown_reaches_the_page(visitor, item):
    assert image(visitor, item) is None


def test_pictures_of_the_catalogue_come_from_this_server_by_the_items_id(visitor):
    assert image(visitor, "tent")["written"] == "images/tent"
    assert f"{visitor.server.address}/images/tent" in visitor.asked


def test_only_the_allowed_host_is_asked_and_not_told_who_asks(visitor, fetched):
    assert {request.url.split("/")[2] for request in fetched} == {"pictures.example"}
    assert all(request.url.startswith("https:") for request in fetched)
    assert all("referer" not in request.all_headers() and "cookie" not in request.all_headers() for request in fetched)
    assert f"{ELSEWHERE}/lamp.png" not in visitor.asked


def test_code_in_the_address_of_a_picture_is_an_address(visitor):
    assert image(visitor, "mug")["written"] == CODE
    visitor.page.wait_for_timeout(500)
    assert visitor.page.evaluate("window.ran") is None


def test_the_page_itself_stops_what_would_be_fetched_from_elsewhere(visitor, fetched):
    stopped = visitor.page.evaluate(
        """(address) => new Promise((told) => {
          document.addEventListener("securitypolicyviolation", (event) => told(event.effectiveDirective), { once: true });
          const image = new Image();
          image.onload = () => told("loaded");
          image.src = address;
        })""",
        f"{ELSEWHERE}/tracker.png",
    )
    assert stopped == "img-src"
    assert not [request for request in fetched if "elsewhere" in request.url]
