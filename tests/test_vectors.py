"""The vector files: nothing is embedded twice, and nothing damaged is believed."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.catalogue import Catalogue, Item
from retrieval.vectors import BATCH, VectorFiles

WIDTH = 8
VECTOR_BYTES = 4 * WIDTH


class Model:
    """A stand-in that gives every text its own direction, counts what it is asked, and can die after some batches."""

    def __init__(self, dies_after: int | None = None, length: float = 1.0) -> None:
        self.seen: list[str] = []
        self._batches_left, self._length = dies_after, length

    def __call__(self, texts: list[str]) -> list[list[float]]:
        if self._batches_left is not None:
            if not self._batches_left:
                raise KeyboardInterrupt
            self._batches_left -= 1
        self.seen += texts
        return [(self._length * direction(text)).tolist() for text in texts]


def direction(text: str) -> np.ndarray:
    drawn = np.random.default_rng(list(text.encode())).normal(size=WIDTH)
    return drawn / np.linalg.norm(drawn)


def films(*titles: str) -> Catalogue:
    return Catalogue(tuple(Item(f"id-{row}", title) for row, title in enumerate(titles)), {})


def many(count: int) -> Catalogue:
    return films(*(f"Film {n}" for n in range(count)))


def embedded(folder: Path, catalogue: Catalogue, model: Model) -> np.ndarray:
    vectors = VectorFiles(folder, "stand-in", WIDTH).complete(catalogue, model)
    np.testing.assert_allclose(vectors, [direction(item.text) for item in catalogue], atol=1e-6)
    return vectors


def run_killed(folder: Path, catalogue: Catalogue, batches: int) -> Path:
    with pytest.raises(KeyboardInterrupt):
        embedded(folder, catalogue, Model(dies_after=batches))
    return folder / "vectors-stand-in.partial"


def finished_file(folder: Path, catalogue: Catalogue) -> Path:
    embedded(folder, catalogue, Model())
    return VectorFiles(folder, "stand-in", WIDTH).path(catalogue)


def test_every_item_gets_the_unit_vector_of_its_own_text(tmp_path):
    vectors = embedded(tmp_path, many(3), Model())
    assert (vectors.shape, vectors.dtype) == ((3, WIDTH), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_vectors_have_unit_length_whatever_length_the_model_gives(tmp_path):
    embedded(tmp_path, many(3), Model(length=7.0))


def test_a_second_run_embeds_nothing(tmp_path):
    first = embedded(tmp_path, many(70), Model())
    again = Model()
    assert np.array_equal(embedded(tmp_path, many(70), again), first)
    assert again.seen == []


def test_only_new_and_changed_texts_are_embedded_again(tmp_path):
    embedded(tmp_path, films("Apple", "Bread", "Cheese"), Model())
    model = Model()
    embedded(tmp_path, films("Dates", "Apple", "Brown bread"), model)
    assert sorted(model.seen) == ["Brown bread", "Dates"]


def test_items_with_the_same_text_are_embedded_once(tmp_path):
    model = Model()
    vectors = embedded(tmp_path, films("Apple", "Bread", "Apple"), model)
    assert model.seen == ["Apple", "Bread"]
    assert np.array_equal(vectors[0], vectors[2])


@pytest.mark.parametrize("other", ["another", "stand-in-large"])
def test_each_model_has_its_own_vectors(tmp_path, other):
    VectorFiles(tmp_path, other, WIDTH).complete(many(3), Model())
    model = Model()
    embedded(tmp_path, many(3), model)
    assert len(model.seen) == 3


def test_the_same_name_with_another_width_starts_afresh(tmp_path):
    VectorFiles(tmp_path, "stand-in", WIDTH + 1).complete(many(3), lambda texts: [[1.0] + [0.0] * WIDTH for _ in texts])
    model = Model()
    embedded(tmp_path, many(3), model)
    assert len(model.seen) == 3


def test_progress_adds_up_to_every_item(tmp_path):
    run_killed(tmp_path, many(100), batches=2)
    told: list[int] = []
    VectorFiles(tmp_path, "stand-in", WIDTH).complete(many(100), Model(), told.append)
    assert (told[0], sum(told)) == (2 * BATCH, 100)


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_run_killed_in_the_middle_is_resumed_where_it_was(tmp_path, batches):
    run_killed(tmp_path, many(100), batches)
    model = Model()
    embedded(tmp_path, many(100), model)
    assert model.seen == [f"Film {n}" for n in range(batches * BATCH, 100)]


def test_a_run_killed_twice_is_resumed_twice(tmp_path):
    run_killed(tmp_path, many(100), batches=1)
    run_killed(tmp_path, many(100), batches=1)
    model = Model()
    embedded(tmp_path, many(100), model)
    assert len(model.seen) == 100 - 2 * BATCH


def test_a_record_cut_off_by_the_kill_is_embedded_again(tmp_path):
    partial = run_killed(tmp_path, many(100), batches=2)
    partial.write_bytes(partial.read_bytes()[:-5])
    run_killed(tmp_path, many(100), batches=1)  # what it appends must not be shifted by the half record
    model = Model()
    embedded(tmp_path, many(100), model)
    assert model.seen == [f"Film {n}" for n in range(3 * BATCH - 1, 100)]


@pytest.mark.parametrize("junk", [b"", b"\xff" * 640, b"\x7f" * 640, b"\0" * 640, b"\x7f\x7f\x7f" * 1000])
def test_a_partial_file_of_junk_is_not_believed(tmp_path, junk):
    run_killed(tmp_path, many(40), batches=1).write_bytes(junk)
    model = Model()
    embedded(tmp_path, many(40), model)
    assert len(model.seen) == 40


@pytest.mark.parametrize(
    ("kept", "junk"),
    [(slice(0, 0), b""), (slice(0, 30), b""), (slice(0, -40), b""), (slice(None), b"junk"), (slice(None), b"PK\3\4")],
    ids=["emptied", "cut off in the head", "cut off in the vectors", "junk before it", "looks like a zip file"],
)
def test_a_damaged_file_is_embedded_again(tmp_path, kept, junk):
    path = finished_file(tmp_path, many(5))
    path.write_bytes(junk + path.read_bytes()[kept])
    model = Model()
    embedded(tmp_path, many(5), model)
    assert len(model.seen) == 5
    assert np.load(path).shape == (5,)


def test_a_vector_overwritten_in_the_file_is_the_only_one_embedded_again(tmp_path):
    path = finished_file(tmp_path, many(5))
    records = np.load(path)
    records["vector"][3] *= 2
    np.save(path, records)
    model = Model()
    embedded(tmp_path, many(5), model)
    assert model.seen == ["Film 3"]


def test_a_vector_that_points_the_other_way_is_embedded_again(tmp_path):
    path = finished_file(tmp_path, many(5))
    records = np.load(path)
    records["vector"][3] *= -1
    np.save(path, records)
    model = Model()
    embedded(tmp_path, many(5), model)
    assert model.seen == ["Film 3"]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10_000), st.integers(0, 7))
@example(place=-1, bit=7)  # the sign of the last number
@example(place=-VECTOR_BYTES - 1, bit=0)  # the last letter of the last key
@example(place=8, bit=5)  # the length of the file's own head
def test_a_bit_flipped_anywhere_in_the_file_changes_no_vector(place, bit):
    with tempfile.TemporaryDirectory() as folder:
        path = finished_file(Path(folder), many(3))
        content = bytearray(path.read_bytes())
        content[place % len(content)] ^= 1 << bit
        path.write_bytes(content)
        embedded(Path(folder), many(3), Model())
