"""What talk means: embedded once, kept between starts where it was imported, never where a visitor said it."""

import numpy as np
import pytest

from bot.meanings import WIDTH, TalkMeanings
from bot.parts import silent
from tests.conftest import WordEmbeddings


class Counting(WordEmbeddings):
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return super().embed_query(text)


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_imported_talk_is_embedded_at_the_first_start_alone(tmp_path):
    first, second = Counting(), Counting()
    TalkMeanings(first, tmp_path, silent).know(["a ship", "a war", "a ship"], keep=True)
    later = TalkMeanings(second, tmp_path, silent)
    later.know(["a ship", "a war"], keep=True)
    assert (first.asked, second.asked) == (["a ship", "a war"], [])
    assert later("a ship") == pytest.approx(TalkMeanings(Counting(), tmp_path / "other", silent)("a ship"))
    assert len(files(tmp_path)) == 1


def test_talk_that_is_no_longer_imported_leaves_the_folder(tmp_path):
    talk = TalkMeanings(Counting(), tmp_path, silent)
    talk.know(["a ship", "a war"], keep=True)
    before = files(tmp_path)
    talk.know(["a war"], keep=True)
    assert len(files(tmp_path)) == 1 and files(tmp_path) != before


def test_what_a_visitor_said_is_known_ahead_but_not_kept(tmp_path):
    embeddings = Counting()
    talk = TalkMeanings(embeddings, tmp_path, silent)
    talk.know(["a ship", ""])
    talk("a ship")
    assert (embeddings.asked, files(tmp_path)) == (["a ship"], [])


def test_a_meaning_is_a_unit_vector_of_the_leading_numbers(tmp_path):
    vector = TalkMeanings(Counting(), tmp_path, silent)("ships at sea")
    assert len(vector) == min(WIDTH, Counting.width) and np.linalg.norm(vector) == pytest.approx(1)
