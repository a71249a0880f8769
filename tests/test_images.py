"""Pictures of items: which files and addresses may be shown, and that check, card, server and policy agree on it."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.api.images import image_routes
from bot.api.sites import DEFAULT
from bot.page.cards import cards
from bot.settings import SettingsError, read_settings
from bot.visitors import Visitors
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.catalogue_check import check_catalogue
from retrieval.images import locate_image
from retrieval.ranking import Recommendation, Slate

HOSTS = ("images.example.org", "cdn.example.org:8443")
PICTURE, SECRET = b"\x89PNG picture", b"\x89PNG secret"
TENT = {"id": "tent", "title": "Tent", "description": "A tent for two."}
HERE = ("tent.png", "photos/côte d'été 100%.JPG", "./photos/../tent.png", "link.png")
ALLOWED = (
    "https://images.example.org/a.png", "HTTPS://IMAGES.example.org/no-suffix",
    "https://cdn.example.org:8443/a b.png?x=1&y=%2F#z",
)  # fmt: skip
FILES_REFUSED = (
    "../secret.png", "photos/../../secret.png", "out.png", "out/secret.png", "/etc/hostname.png", "/", "..", "missing.png",
    "folder.png", "tent", "tent.svg", "catalogue.jsonl", "tent.png.txt", "stranger.png", "loop.png", "a\0.png", "\udce9.png",
    "\ud800.png", "\u202egnp.png", "x" * 5_000 + ".png", "x/" * 5_000 + "a.png", "..%2fsecret.png", "..\\secret.png",
    "\\\\images.example.org\\a.png", "~/secret.png",
)  # fmt: skip
ADDRESSES_REFUSED = (
    "http://images.example.org/a.png", "//images.example.org/a.png", "ftp://images.example.org/a.png", "file:///etc/a.png",
    "https:images.example.org/a.png", "https:///a.png", "https://", "https://[::1/a.png", "://images.example.org/a.png",
    "javascript:alert(1)//a.png", "javascript://images.example.org/%0aalert(1)//a.png", "data:image/png;base64,iVBORw0K",
    "DATA:image/png,x.png", "blob:https://images.example.org/a.png",
    "https://elsewhere.example/a.png", "https://images.example.org.elsewhere.example/a.png", "https://example.org/a.png",
    "https://ann@images.example.org/a.png", "https://ann:w@images.example.org/a.png", "https://:word@images.example.org/a.png",
    "https://images.example.org@elsewhere.example/a.png", "https://images.example.org\\@elsewhere.example/a.png",
    "https://elsewhere.example\\@images.example.org/a.png", "https://elsewhere.example#@images.example.org/a.png",
    "https://images.example.org:8443/a.png", "https://images.example.org:99999/a.png", "https://images.example.org:x/a.png",
    "https://cdn.example.org/a.png", "https://cdn.example.org:8444/a.png", "https://іmages.example.org/a.png",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue's folder with pictures, links of all kinds, and a secret beside it."""
    folder = tmp_path / "shop"
    (folder / "photos").mkdir(parents=True)
    (folder / "folder.png").mkdir()
    for name in ("tent.png", "photos/côte d'été 100%.JPG", "tent", "tent.svg", "tent.png.txt"):
        (folder / name).write_bytes(PICTURE)
    (tmp_path / "secret.png").write_bytes(SECRET)
    links = {"link": "tent.png", "out": "../secret.png", "loop": "loop.png", "stranger": "catalogue.jsonl"}
    for name, target in links.items():
        (folder / f"{name}.png").symlink_to(target)
    (folder / "out").symlink_to("..")
    return folder


def shop(folder: Path, *rows: dict[str, str], toml: str = "") -> Catalogue:
    (folder / "catalogue.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "catalogue.toml").write_text(toml, encoding="utf-8")
    return read_catalogue(folder)


def card(catalogue: Catalogue, hosts: tuple[str, ...] = HOSTS) -> dict:
    slate = Slate("s", tuple(Recommendation(item, place, 1.0, {}) for place, item in enumerate(catalogue, 1)))
    return cards(slate, catalogue, (), hosts)["items"][0]


def client(catalogue: Catalogue, hosts: tuple[str, ...] = ()) -> TestClient:
    app = FastAPI()
    app.include_router(image_routes({DEFAULT: catalogue}))
    app.add_middleware(Visitors, image_hosts=hosts)
    return TestClient(app)


def faults(catalogue: Catalogue, hosts: tuple[str, ...] = HOSTS) -> list[str]:
    found = (finding for finding in check_catalogue(catalogue, hosts) if finding.severity == "error")
    return [where for finding in found if finding.told.startswith("pictures") for where in finding.where]


@pytest.mark.parametrize("written", HERE)
def test_a_picture_beside_the_catalogue_is_shown_and_served(folder, written):
    catalogue = shop(folder, TENT | {"image": written})
    assert faults(catalogue) == []
    assert card(catalogue)["image"] == "images/tent"
    answer = client(catalogue).get("/images/tent")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == ("image/jpeg" if written.endswith("JPG") else "image/png")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("max-age=3600", "nosniff")


def test_a_whole_path_into_the_folder_is_shown_and_one_out_of_it_is_not(folder):
    assert locate_image(str(folder / "tent.png"), folder, ()) == folder / "tent.png"
    with pytest.raises(ValueError, match="outside the catalogue's folder"):
        locate_image(str(folder.parent / "secret.png"), folder, ())


@pytest.mark.parametrize("written", ALLOWED)
def test_an_https_picture_on_an_allowed_host_is_shown_and_never_served_from_here(folder, written):
    catalogue = shop(folder, TENT | {"image": written})
    assert (card(catalogue)["image"], faults(catalogue)) == (written, [])
    assert (card(catalogue, hosts=())["image"], len(faults(catalogue, hosts=()))) == ("", 1)
    assert client(catalogue, HOSTS).get("/images/tent", follow_redirects=False).status_code == 404


@pytest.mark.parametrize("written", [*FILES_REFUSED, *ADDRESSES_REFUSED], ids=lambda written: ascii(written)[:40])
def test_what_may_not_be_shown_is_refused_in_words_that_name_it(folder, written):
    shop(folder, TENT)
    with pytest.raises(ValueError) as refused:
        locate_image(written, folder, HOSTS)
    assert str(refused.value).startswith(f"{written!r} ")


@pytest.mark.parametrize(
    "written", [w for w in (*FILES_REFUSED, *ADDRESSES_REFUSED) if "\udce9" not in w and "\ud800" not in w],
    ids=lambda written: ascii(written)[:40],
)  # fmt: skip
def test_what_may_not_be_shown_costs_a_finding_and_leaves_the_drawn_cover(folder, written):
    catalogue = shop(folder, TENT | {"image": written})
    (fault,) = faults(catalogue)
    assert fault.startswith("line 1 (tent) ")
    assert card(catalogue)["image"] == ""
    assert client(catalogue, HOSTS).get("/images/tent").status_code == 404


def test_an_item_without_a_picture_has_the_drawn_cover_alone_and_no_fault(folder):
    catalogue = shop(folder, TENT)
    assert (card(catalogue)["image"], card(catalogue)["initials"], faults(catalogue)) == ("", "T", [])
    assert client(catalogue).get("/images/tent").status_code == 404


@pytest.mark.parametrize("name", ["a/b", "../tent", "ä ö №", "100%", "a?b#c", '"><b>', "a&b;c", "\\..\\a", "$&{{a}}"])
def test_a_picture_is_found_whatever_the_items_id(folder, name):
    catalogue = shop(folder, TENT | {"id": name, "image": "tent.png"})
    address = card(catalogue)["image"]
    assert not set("\"'<>{}$\\ ") & set(address)
    assert client(catalogue).get(f"/{address}").content == PICTURE


@pytest.mark.parametrize("asked", ["tent.png", "", "../secret.png", "..%2fsecret.png", "%2e%2e/secret.png", "/etc/host", "%00"])
def test_a_client_never_names_a_file(folder, asked):
    asking = client(shop(folder, TENT | {"image": "tent.png"}))
    assert asking.get(f"/images/{asked}").status_code == 404
    assert asking.get(f"/images/{quote(asked, safe='')}").status_code == 404


def test_a_picture_that_goes_away_is_no_crash(folder):
    catalogue = shop(folder, TENT | {"image": "tent.png"})
    (folder / "tent.png").unlink()
    assert (card(catalogue)["image"], client(catalogue).get("/images/tent").status_code) == ("", 404)


def test_catalogue_toml_names_the_column_of_pictures_and_the_button(folder):
    toml = 'image = "photo"\nconsumed = "Have it"\n'
    catalogue = shop(folder, TENT | {"photo": "tent.png", "image": "red"}, toml=toml)
    assert (card(catalogue)["image"], card(catalogue)["consumed"]) == ("images/tent", "Have it")
    assert list(catalogue.facets) == ["image"]
    plain = shop(folder, TENT | {"photo": "tent.png", "image": "tent.png"})
    assert (list(plain.facets), card(plain)["consumed"], "png" in plain["tent"].all_text) == (["photo"], "Seen it", True)


def images_allowed(hosts: tuple[str, ...]) -> set[str]:
    policy = client(read_catalogue("shop"), hosts).get("/").headers["content-security-policy"]
    return set(next(part for part in policy.split("; ") if part.startswith("img-src ")).split()[1:])


def test_the_policy_lets_the_page_show_pictures_of_the_allowed_hosts_and_no_others():
    assert images_allowed(()) == {"'self'", "data:", "blob:"}
    assert images_allowed(HOSTS) == {"'self'", "data:", "blob:", *(f"https://{host}" for host in HOSTS)}


def test_image_hosts_are_read_from_the_file_and_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings().image_hosts == ()
    Path("parley.toml").write_text('image_hosts = ["Images.Example.org", "cdn.example.org:8443"]\n')
    assert read_settings().image_hosts == HOSTS
    monkeypatch.setenv("PARLEY_IMAGE_HOSTS", "pictures.example, 10.0.0.1:81")
    assert read_settings().image_hosts == ("pictures.example", "10.0.0.1:81")


NO_HOSTS = (
    "'*'", "'*.example.org'", "'https://a.example'", "'a.example/b'", "'a.example; script-src *'", "'ann@a.example'", "''",
    '"a.example\\nX: y"', '"a.example \'unsafe-eval\'"', "'bücher.example'", "'-a.example'", "'a.example:'", "5", "[]",
)  # fmt: skip


@pytest.mark.parametrize("bad", [*(f"['images.example.org', {host}]" for host in NO_HOSTS), "'*'", "5", "true", "1.5"])
def test_what_is_no_host_is_refused_by_the_name_of_the_setting(tmp_path, monkeypatch, bad):
    monkeypatch.chdir(tmp_path)
    Path("parley.toml").write_text(f"image_hosts = {bad}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="image_hosts"):
        read_settings()
