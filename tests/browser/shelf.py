"""A made-up catalogue for the page: sixty films in several genres, moods and themes, one of which carries code."""

import itertools
import json
from pathlib import Path

GENRES = ("science fiction", "comedy", "horror", "romance", "crime", "family")
MOODS = ("quiet", "funny", "tense", "romantic", "dark", "cosy", "clever")
THEMES = (
    ("space", "loneliness"), ("heist", "friendship"), ("haunted house", "family secret"), ("letters", "lost love"),
    ("smuggling", "betrayal"), ("bear", "books"), ("kitchen", "rivals"), ("storm", "rescue"), ("orchestra", "ambition"),
    ("snow", "childhood"),
)  # fmt: skip
FIRST = ("Silver", "Crooked", "Hollow", "Paper", "Winter", "Copper", "Velvet", "Broken", "Emerald", "Wandering")
LAST = ("Orchard", "Compass", "Parade", "Lantern", "Harbour", "Meadow")
CODE_ID = "code"
CODE = {
    "id": CODE_ID,
    "title": "The <script>window.ran = 'title'</script> Lighthouse <img src=x onerror=\"window.ran = 'title'\">",
    "description": "A keeper writes <img src=x onerror=\"window.ran = 'description'\"> and "
    "<script>window.ran = 'description'</script> ${window.ran = 'template'} {{window.ran}} on the wall.",
    "genres": ["drama"], "mood": ["eerie"], "themes": ["lighthouse", "<img src=x onerror=\"window.ran = 'facet'\">"],
    "year": 1999, "runtime": 101,
}  # fmt: skip
TOML = """
noun = "film"
starters = ["a funny heist", "something quiet about space"]
[facets.genres]
card = true
phrase = "kind"
[facets.mood]
card = true
phrase = "adjective"
[facets.themes]
card = true
phrase = "about {}"
[facets.year]
up = ["newer"]
down = ["older"]
[facets.runtime]
unit = "min"
up = ["longer"]
down = ["shorter"]
"""


def write_catalogue(folder: Path) -> Path:
    """A folder that holds the catalogue and its description."""
    rows = [_film(number, *named) for number, named in enumerate(itertools.product(FIRST, LAST))]
    folder.mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in [*rows, CODE])
    (folder / "catalogue.jsonl").write_text(lines, encoding="utf-8")
    (folder / "catalogue.toml").write_text(TOML, encoding="utf-8")
    return folder


def _film(number: int, first: str, last: str) -> dict:
    genre, mood, themes = GENRES[number % 6], MOODS[number % 7], THEMES[number % 10]
    return {
        "id": f"film-{number}", "title": f"The {first} {last}", "year": 1950 + number, "runtime": 80 + number,
        "genres": [genre, GENRES[(number + 1 + number // 6 % 5) % 6]],
        "mood": [mood, MOODS[(number + 1 + number // 7 % 6) % 7]], "themes": list(themes),
        "description": f"A {mood} story of {themes[0]} and {themes[1]} in which somebody looks for the {last.lower()}.",
    }  # fmt: skip
