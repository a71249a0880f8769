"""Adapters beside one set of weights: switched per call and thread, saved, restored, refused when damaged, fitted, resumed."""

import json
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from bot.adapters import __main__ as command
from bot.adapters import fitting, lora, shipped
from bot.adapters.train_embedding import Recipe
from bot.language_model.errors import ModelError
from retrieval.errors import ReadableError


def body() -> nn.Module:
    """Two layers with the projections' names, so small that every number can be looked at."""
    torch.manual_seed(3)
    layers = nn.ModuleList(nn.ModuleDict({"q_proj": nn.Linear(6, 6, bias=False), "up_proj": nn.Linear(6, 8)}) for _ in range(2))
    return nn.ModuleDict({"layers": layers})


def through(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    for layer in model["layers"]:
        x = layer["up_proj"](layer["q_proj"](x))[..., :6]
    return x


def filled(model: nn.Module, name: str, layers: range, seed: int) -> None:
    torch.manual_seed(seed)
    with torch.no_grad():
        for part in lora.begin(model, name, layers, rank=2):
            part.copy_(torch.randn_like(part) / 4)


@pytest.fixture
def model() -> nn.Module:
    built = body()
    filled(built, "a", range(2), 5)
    filled(built, "b", range(1, 2), 6)
    return built


X = torch.arange(12.0).reshape(1, 2, 6) / 10


def test_an_adapter_that_has_just_begun_changes_nothing_and_none_is_on_without_switching(model):
    plain = through(body(), X)
    fresh = body()
    lora.begin(fresh, "a", range(2), rank=2)
    with lora.switched("a"):
        assert torch.equal(through(fresh, X), plain)
    assert torch.equal(through(model, X), plain)


def test_each_call_goes_through_the_adapter_that_is_switched_on(model):
    answers = {}
    for name in ("", "a", "b", "none of that name"):
        with lora.switched(name):
            answers[name] = through(model, X)
    assert torch.equal(answers[""], answers["none of that name"])
    assert not torch.allclose(answers["a"], answers[""]) and not torch.allclose(answers["a"], answers["b"])
    first = model["layers"][0]["q_proj"]
    with lora.switched("a"):
        assert torch.allclose(first(X), X @ (first.base.weight + first.up["a"] @ first.down["a"]).T, atol=1e-6)


def test_switching_ends_with_its_block_also_after_an_error_and_may_be_nested(model):
    with pytest.raises(KeyError), lora.switched("a"):
        raise KeyError
    assert torch.equal(through(model, X), through(body(), X))
    with lora.switched("a"):
        outer = through(model, X)
        with lora.switched("b"):
            assert not torch.equal(through(model, X), outer)
        assert torch.equal(through(model, X), outer)


def test_threads_never_get_each_others_adapter(model):
    expected = {}
    for name in ("", "a", "b"):
        with lora.switched(name):
            expected[name] = through(model, X)
    wrong, together = [], threading.Barrier(3)

    def work(name: str) -> None:
        with lora.switched(name):
            together.wait()
            wrong.extend(name for _ in range(300) if not torch.equal(through(model, X), expected[name]))

    threads = [threading.Thread(target=work, args=(name,)) for name in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_only_the_layers_and_projections_asked_for_get_an_adapter():
    built = body()
    lora.begin(built, "a", range(1, 2), rank=2, projections=("up_proj",))
    adapted = [path for path, part in built.named_modules() if isinstance(part, lora.LoraLinear)]
    assert adapted == ["layers.1.up_proj"]


def test_what_is_saved_is_attached_again_with_its_means_and_what_it_says_of_itself(model, tmp_path):
    lora.save(model, "a", tmp_path / "a.safetensors", {"layer": "2"}, {"embed_item": torch.arange(3.0)})
    other = body()
    about, means = lora.attach(other, "a", tmp_path / "a.safetensors")
    assert about == {"layer": "2"} and torch.equal(means["embed_item"], torch.arange(3.0))
    with lora.switched("a"):
        assert torch.allclose(through(other, X), through(model, X), atol=2e-2)  # bfloat16 in the file
        before = through(other, X)
    again = body()
    lora.begin(again, "a", range(2), rank=2)
    lora.restore(again, "a", tmp_path / "a.safetensors")
    with lora.switched("a"):
        assert torch.allclose(through(again, X), before, atol=1e-2)


class TestShipped:
    def test_the_adapters_of_the_default_weights_are_whole_and_small(self):
        manifest = json.loads((shipped.FILES / shipped.MANIFEST).read_text())
        (weights,) = manifest
        found = shipped.beside(weights, shipped.FILES)
        assert {adapter.name for adapter in found} == {"embedding", "speaking"}
        assert sum(adapter.path.stat().st_size for adapter in found) < 12e6

    def test_other_weights_have_none(self):
        assert shipped.beside("somebody-elses-weights", shipped.FILES) == ()

    def test_a_flipped_bit_or_a_missing_file_is_told(self, tmp_path):
        file = tmp_path / "a.safetensors"
        file.write_bytes(b"weights")
        shipped.note("w", "embedding", file)
        assert [adapter.name for adapter in shipped.beside("w", tmp_path)] == ["embedding"]
        file.write_bytes(b"weighss")
        with pytest.raises(ModelError, match=r"a\.safetensors is missing or damaged"):
            shipped.beside("w", tmp_path)
        file.unlink()
        with pytest.raises(ModelError, match="missing or damaged"):
            shipped.beside("w", tmp_path)

    @pytest.mark.parametrize("setting", ["on", "/nowhere/at/all"])
    def test_a_setting_that_names_no_adapters_is_told(self, setting):
        with pytest.raises(ModelError, match="adapters is"):
            shipped.folder_of(setting)

    def test_a_manifest_that_is_no_json_is_told(self, tmp_path):
        (tmp_path / shipped.MANIFEST).write_text("{")
        with pytest.raises(ModelError, match=r"manifest\.json is not JSON"):
            shipped.beside("w", tmp_path)

    def test_off_is_none(self):
        assert shipped.folder_of("off") is None


class BrokenError(Exception):
    """A run that is killed."""


def fitted(folder, steps=60, broken_at=0, seed=1):
    """Fit a line by `fitting.fit`; breaks off at a step, if asked to."""
    torch.manual_seed(0)
    weight = nn.Parameter(torch.zeros(2))
    mean = torch.zeros(1)

    def batches():
        chosen = np.random.default_rng(seed)
        while True:
            yield torch.tensor(chosen.normal(size=(8, 2)), dtype=torch.float32)

    met = 0

    def loss_of(batch):
        nonlocal met
        met += 1
        if met == broken_at:
            raise BrokenError
        mean.mul_(0.9).add_(batch.mean(), alpha=0.1)
        return ((batch @ weight - batch @ torch.tensor([2.0, -1.0]) + mean) ** 2).mean()

    checkpoint = fitting.Checkpoint.of(folder, "line", seed)
    done = fitting.fit(
        [weight], batches(), loss_of, steps, 0.3, checkpoint, {"mean": mean}, lambda: {"w": float(weight.detach()[0])}, 20
    )
    return weight.detach(), done


def test_a_broken_run_goes_on_from_its_checkpoint_and_comes_to_the_same_end(tmp_path):
    (tmp_path / "whole").mkdir()
    whole, unbroken = fitted(tmp_path / "whole")
    with pytest.raises(BrokenError):
        fitted(tmp_path, broken_at=35)
    again, resumed = fitted(tmp_path)
    assert torch.equal(again, whole)

    def told(curve):
        return [{name: value for name, value in point.items() if name != "minutes"} for point in curve]

    assert told(resumed.curve) == told(unbroken.curve)
    assert [point["step"] for point in resumed.curve] == [20, 40, 60]
    assert torch.allclose(whole, torch.tensor([2.0, -1.0]), atol=0.3)


def test_a_finished_run_is_kept_until_what_it_fitted_is_written(tmp_path):
    whole, done = fitted(tmp_path)
    again, at_once = fitted(tmp_path, broken_at=1)  # nothing has to be computed again
    assert torch.equal(again, whole) and at_once.curve == done.curve
    done.checkpoint.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_given_something_else_does_not_go_on_from_it(tmp_path):
    with pytest.raises(BrokenError):
        fitted(tmp_path, broken_at=35, seed=2)
    (tmp_path / "whole").mkdir()
    assert torch.equal(fitted(tmp_path)[0], fitted(tmp_path / "whole")[0])


def test_an_adapter_of_another_model_is_refused_in_words(model, tmp_path):
    lora.save(model, "a", tmp_path / "a.safetensors", {}, {})
    with pytest.raises(ValueError, match="not a layer of this model"):
        lora.attach(nn.ModuleDict({"layers": nn.ModuleList()}), "a", tmp_path / "a.safetensors")
    layers = (nn.ModuleDict({"q_proj": nn.Linear(7, 6), "up_proj": nn.Linear(6, 8)}) for _ in "ab")
    wider = nn.ModuleDict({"layers": nn.ModuleList(layers)})
    with pytest.raises(ValueError, match="another shape"):
        lora.attach(wider, "a", tmp_path / "a.safetensors")


def test_both_adapters_are_kept_in_the_numbers_of_the_layer_beside_which_they_stand(model, tmp_path):
    for name in ("a", "b"):
        lora.save(model, name, tmp_path / f"{name}.safetensors", {}, {})
    other = body()
    for name in ("a", "b"):
        lora.attach(other, name, tmp_path / f"{name}.safetensors")
    kinds = {part.dtype for layer in other.modules() if isinstance(layer, lora.LoraLinear) for part in layer.down.values()}
    assert kinds == {torch.float32}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["speaking", "--data", "x"], "for the embedding adapter"),
        (["embedding", "--data", "x"], "needs --catalogue"),
        (["embedding", "--catalogue", "films"], "needs --out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(asked, told, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["adapters", *asked])
    with pytest.raises(SystemExit):
        command._told()
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "told"),
    [("rnk=3", "known are layer, rank"), ("rank=x", "rank=x"), ("steps=0", "more than 0"), ("layer=-1", "more")],
)
def test_a_recipe_that_cannot_be_is_refused(setting, told):
    with pytest.raises(ReadableError, match=told):
        command._with(Recipe(), [setting])


def test_a_recipe_is_set_by_name():
    assert command._with(Recipe(), ["rank=3", "learning_rate=0.5"]) == replace(Recipe(), rank=3, learning_rate=0.5)


def test_a_teacher_that_is_not_there_is_told():
    with pytest.raises(ReadableError, match="neither an installed package"):
        command._teacher("no_such_teacher")
