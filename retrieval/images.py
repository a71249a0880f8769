"""Where an item's picture is: a file beside the catalogue, or an address on a host that the site's owner allows."""

from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

TYPES = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".avif": "image/avif",
    ".gif": "image/gif",
}  # fmt: skip
# SVG is left out: opened by itself it may run scripts.


def locate_image(written: str, folder: Path, hosts: Collection[str]) -> Path | str:
    """The file, or the https address, that `written` stands for.

    Raises ValueError, in words that follow "the picture …", for what may not or cannot be shown: a file outside `folder`,
    of another type or missing; an address that is not https or whose host is not among `hosts`.
    """
    if "://" in written or written.startswith(("//", "data:")):
        return _address(written, hosts)
    return local_image(written, folder)


def local_image(written: str, folder: Path) -> Path:
    """The picture file that `written` names. Raises ValueError as `locate_image` does."""
    try:
        path = (folder / written).resolve()
        there = path.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that lead to each other
        raise ValueError(f"{written!r} is not a path: {error}") from error
    if not {Path(written).suffix.lower(), path.suffix.lower()} <= set(TYPES):  # a link may be called otherwise than its file
        raise ValueError(f"{written!r} is not a {', '.join(TYPES)} file")
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{written!r} lies outside the catalogue's folder")
    if not there:
        raise ValueError(f"{written!r} does not exist")
    return path


def _address(written: str, hosts: Collection[str]) -> str:
    try:
        parts = urlsplit(written)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{written!r} is not an address: {error}") from error
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise ValueError(f"{written!r} is not an https address")
    if (parts.netloc if port else host).lower() not in hosts:
        raise ValueError(f"{written!r} is on a host that image_hosts does not list")
    return written
