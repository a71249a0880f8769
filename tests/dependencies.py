"""What Parley stands on: each package it needs with version and licence, and whether that may be shipped with.

`python -m tests.dependencies` prints the table; it ends with 1 where a version has known holes or a licence forbids what
Parley's own allows.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.version import Version

FLOORS = {  # below these there are published advisories
    "aiohttp": "3.12.14", "certifi": "2024.7.4", "cryptography": "44.0.1", "gradio": "5.11.0", "h11": "0.16.0",
    "httpx": "0.23.0", "idna": "3.7", "jinja2": "3.1.6", "langchain-core": "1.2.5", "orjson": "3.9.15", "pillow": "11.3.0",
    "protobuf": "5.29.5", "pyarrow": "17.0.0", "pydantic": "2.4.0", "pyjwt": "2.10.1", "python-multipart": "0.0.18",
    "pyyaml": "5.4", "requests": "2.32.4", "starlette": "0.49.1", "torch": "2.8.0", "tqdm": "4.66.3",
    "transformers": "4.53.0", "urllib3": "2.6.0", "uvicorn": "0.11.7",
}  # fmt: skip
FORBIDDEN = re.compile(r"(?<!L)(?<!Lesser )\b(?:A?GPL|GNU (?:Affero )?General Public)", re.IGNORECASE)  # not LGPL, MPL
SHOWN = 40  # characters of a licence


def needed(name: str = "parley") -> dict[str, Distribution]:
    """The packages that an installed one needs, itself left out, by their names."""
    found: dict[str, Distribution] = {}
    waiting = list(_requirements(distribution(name), ("",)))
    seen = set[tuple[str, tuple[str, ...]]]()
    while waiting:
        key, extras = waiting.pop()
        if (key, extras) in seen:
            continue
        seen.add((key, extras))
        try:
            found[key] = distribution(key)
        except PackageNotFoundError:
            continue  # for another system or another Python
        waiting += _requirements(found[key], extras)
    return found


def licence(package: Distribution) -> str:
    """Its licence as it tells it: by expression, by classifiers, else the first line of its text."""
    told = package.metadata
    named = [line.rsplit(" :: ", 1)[-1] for line in told.get_all("Classifier") or () if line.startswith("License ::")]
    return told.get("License-Expression") or ", ".join(named) or (told.get("License") or "not told").strip().splitlines()[0]


def faults() -> list[str]:
    """What is wrong with the packages that are installed, a sentence each."""
    packages = needed()
    old = [
        f"{name} {packages[name].version} has known holes; {floor} is the oldest without"
        for name, floor in FLOORS.items() if name in packages and Version(packages[name].version) < Version(floor)
    ]  # fmt: skip
    return old + [f"{name} is under {licence(one)}" for name, one in packages.items() if FORBIDDEN.search(licence(one))]


def _requirements(package: Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a package with these extras needs, each with the extras wanted of it; "" stands for none."""
    for line in package.requires or ():
        one = Requirement(line)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras):
            yield one.name.lower().replace("_", "-").replace(".", "-"), ("", *sorted(one.extras))


if __name__ == "__main__":
    for name, package in sorted(needed().items()):
        print(f"{name:40} {package.version:16} {licence(package)[:SHOWN]}")
    print(f"{len(needed())} packages", *faults(), sep="\n")
    sys.exit(bool(faults()))
