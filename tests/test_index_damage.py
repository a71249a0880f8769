"""A Chroma folder that is damaged, lost or of the wrong kind is rebuilt, and numpy answers meanwhile."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.index import ItemIndex
from tests.chroma_folders import ANY, CATALOGUE, COUNT, LARGE, VECTORS, assert_same, client_of, connected, exact, place_of
from tests.made_up import random_shelf, unit_vectors


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder in which a sound collection has been built; copied before it is damaged."""
    folder = tmp_path_factory.mktemp("built")
    ItemIndex(CATALOGUE, VECTORS, "chroma").connect(folder)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "chroma")


def test_a_sound_collection_is_opened_without_being_rebuilt(folder, caplog):
    connected(folder)
    assert caplog.messages == []


OPENING = """
import sys, pathlib
from tests.chroma_folders import connected
connected(pathlib.Path(sys.argv[1]))
"""


def test_a_small_collection_stays_sound_however_often_it_is_opened(folder):
    for _ in range(4):  # each time by a new process, as Parley is started
        told = subprocess.run([sys.executable, "-c", OPENING, str(folder)], capture_output=True, text=True, timeout=120)
        assert (told.returncode, "unsound" in told.stderr) == (0, False), told.stderr


def test_the_collection_is_in_cosine_space(folder):
    (collection,) = client_of(folder).list_collections()
    assert collection.configuration_json["hnsw"]["space"] == "cosine"


def test_a_collection_in_another_space_is_rebuilt_in_cosine(folder, caplog):
    client = client_of(folder)
    name = client.list_collections()[0].name
    client.delete_collection(name)
    other = client.create_collection(name, configuration={"hnsw": {"space": "l2"}}, embedding_function=None)
    other.add([str(row) for row in range(COUNT)], VECTORS)
    client.close()
    assert_same(connected(folder).nearest(VECTORS[5], ANY, 9), exact().nearest(VECTORS[5], ANY, 9))
    assert "rebuilt" in caplog.text
    (collection,) = client_of(folder).list_collections()
    assert collection.configuration_json["hnsw"]["space"] == "cosine"


def test_a_collection_that_lacks_items_is_rebuilt(folder, caplog):
    client = client_of(folder)
    client.list_collections()[0].delete(["0", "1"])
    client.close()
    assert connected(folder).nearest(VECTORS[1], ANY, 1) == [(1, pytest.approx(1, abs=1e-5))]
    assert "rebuilt" in caplog.text


def test_a_collection_with_other_vectors_is_rebuilt(folder, caplog):
    client = client_of(folder)
    client.list_collections()[0].update([str(row) for row in range(COUNT)], VECTORS[::-1])
    client.close()
    assert connected(folder).nearest(VECTORS[1], ANY, 1) == [(1, pytest.approx(1, abs=1e-5))]
    assert "rebuilt" in caplog.text


def overwritten(path: Path) -> None:
    path.write_bytes(b"\x07junk" * (path.stat().st_size // 5))


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied_after_the_first_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096].ljust(path.stat().st_size, b"\0"))


@pytest.mark.parametrize("damage", [overwritten, cut_in_half, emptied_after_the_first_page, Path.unlink])
def test_a_broken_database_is_rebuilt_at_open(folder, damage):
    damage(next(folder.rglob("chroma.sqlite3")))
    assert_same(connected(folder).nearest(VECTORS[5], ANY, 9), exact().nearest(VECTORS[5], ANY, 9))


def test_a_file_in_the_place_of_the_folder_is_replaced(folder):
    place = place_of(folder)
    shutil.rmtree(place)
    place.write_text("not a folder")
    assert connected(folder).nearest(VECTORS[5], ANY, 1)[0][0] == 5


def test_a_rebuild_cut_short_is_begun_afresh(folder):
    place = place_of(folder)
    place.rename(place.with_suffix(".building"))
    assert connected(folder).nearest(VECTORS[5], ANY, 1)[0][0] == 5
    assert (place_of(folder), place.with_suffix(".building").exists()) == (place, False)


REOPEN = """
import sys, pathlib, numpy as np
from tests.chroma_folders import LARGE, connected, random_shelf, unit_vectors
vectors = unit_vectors(LARGE)
index = connected(pathlib.Path(sys.argv[1]), random_shelf(LARGE), vectors)
found = [index.nearest(vectors[row], np.ones(LARGE, bool), 1)[0][0] for row in range(0, LARGE, 50)]
print(index.engine, found == list(range(0, LARGE, 50)))
"""


@pytest.mark.parametrize("damage", [overwritten, Path.unlink])
@pytest.mark.parametrize("name", ["data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"])
def test_a_broken_vector_file_is_rebuilt_at_open(tmp_path, name, damage):
    connected(tmp_path, random_shelf(LARGE), unit_vectors(LARGE))
    damage(next(tmp_path.rglob(name)))
    # In a process of its own: native code that trips over the file must not take the other tests with it.
    root = Path(__file__).parent.parent
    child = subprocess.run([sys.executable, "-c", REOPEN, tmp_path], cwd=root, capture_output=True, text=True, check=False)
    assert (child.returncode, child.stdout.split()) == (0, ["chroma", "True"]), child.stderr[-800:]


def test_numpy_answers_when_chroma_fails_in_the_middle(folder, caplog):
    index = connected(folder)
    client = client_of(folder)
    client.delete_collection(client.list_collections()[0].name)
    assert_same(index.nearest(VECTORS[5], ANY, 9), exact().nearest(VECTORS[5], ANY, 9))
    assert index.engine == "exact"
    assert "numpy answers" in caplog.text


def test_numpy_answers_when_the_database_is_overwritten_in_the_middle(folder):
    index = connected(folder)
    overwritten(next(folder.rglob("chroma.sqlite3")))
    assert_same(index.nearest(VECTORS[5], ANY, 9), exact().nearest(VECTORS[5], ANY, 9))
