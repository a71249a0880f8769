"""`python -m tests.bench.ablations`: short fits of the embedding adapter, each with one part changed, on the dev requests.

Eight layers and some steps only, so that a dozen fits take half an hour on two cores: the lines say which parts matter, not how
far they go. The vectors stand alone, without the other sources of the ranking.
"""

import argparse
import sys
import tempfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from bot.adapters import texts
from bot.adapters.train_embedding import SIDES, Recipe, Student, train
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.hosted import EMBEDDING, Hosted, load
from bot.language_model.weights import weights_folder
from retrieval.catalogue import Catalogue, read_catalogue
from tests.bench.__main__ import KEPT, show
from tests.bench.embedders import minilm
from tests.bench.models import shares_and_ranks
from tests.bench.requests import HELD_OUT_FILES, Request, requests
from tests.bench.row import Row

BASE = Recipe(layer=8, steps=60)
CATALOGUES = ("films", "shop")


class MeanPooled(Hosted):
    """Embeds by the mean of all the states of a text and its wording, as most encoders do."""

    def batch_states(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        from bot.adapters.lora import switched

        lengths = torch.tensor([len(row) for row in rows])
        padded = torch.tensor([[*row, *[0] * (int(lengths.max()) - len(row))] for row in rows])
        mask = (torch.arange(padded.shape[1]) < lengths[:, None]).long()
        with switched(EMBEDDING):
            states = self.embedder(padded, attention_mask=mask, use_cache=False).last_hidden_state
        return (states * mask[:, :, None]).sum(1) / lengths[:, None]


@dataclass(frozen=True, slots=True)
class Variant:
    """A fit with one part changed."""

    name: str
    recipe: Recipe = BASE
    hosted: Callable[[Hosted], Hosted] = lambda hosted: hosted
    share: int = 1  # one request in so many is learnt from


def mean_pooled(hosted: Hosted) -> Hosted:
    return MeanPooled(**{field.name: getattr(hosted, field.name) for field in fields(Hosted)})


def middle_skipped(hosted: Hosted) -> Hosted:
    """The first four layers and the last four of 28, in place of the first eight."""
    body = hosted.model.base_model
    body.layers = nn.ModuleList([*body.layers[:4], *body.layers[24:28]])
    return hosted


VARIANTS = (
    Variant("as it is: last token, centred, distilled, hard negatives, rank 12, layer 8"),
    Variant("pooling: the mean of all tokens", hosted=mean_pooled),
    Variant("not centred", replace(BASE, centred=False)),
    Variant("no distillation", replace(BASE, teacher_share=0.0)),
    Variant("no hard negatives", replace(BASE, hard=0)),
    Variant("a quarter of the requests", share=4),
    Variant("rank 4", replace(BASE, rank=4)),
    Variant("rank 32", replace(BASE, rank=32)),
    Variant("one width instead of three", replace(BASE, widths=(576,))),
    Variant("layer 4", replace(BASE, layer=4)),
    Variant("layer 16", replace(BASE, layer=16)),
    Variant("eight layers, the middle skipped: 0-3 and 24-27", hosted=middle_skipped),
)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.ablations", description=__doc__)
    asked.add_argument("--only", nargs="*", default=[], help="variants whose name begins so")
    told = asked.parse_args()
    chosen = [v for v in VARIANTS if not told.only or v.name.startswith(tuple(told.only))]
    with tempfile.TemporaryDirectory() as folder:  # the teacher's vectors serve every variant
        return show([row for variant in chosen for row in measured(variant, Path(folder))], "ablations.md")


def measured(variant: Variant, folder: Path) -> list[Row]:
    """What a variant finds on the dev requests of each catalogue, and on the requests written for items set apart."""
    weights = weights_folder("default", KEPT / "models") or ""
    hosted = variant.hosted(load(weights, offline=True))
    left_out = texts.answers_in(HELD_OUT_FILES)
    apart = {name: set_apart(name, left_out) for name in CATALOGUES}
    domains = {name: texts.trained_pairs(name, apart[name][1], BASE.seed)[:: variant.share] for name in CATALOGUES}
    student, fit = train(hosted, domains, EncoderEmbeddings(minilm()), variant.recipe, [], folder)
    fit.checkpoint.drop()
    rows: list[Row] = []
    for name in CATALOGUES:
        catalogue = read_catalogue(name)
        answers = vectors(student, SIDES[1], [item.text for item in catalogue], catalogue)
        told = {"dev": requests(name, "dev"), "set apart": apart[name][0]}
        found = {what: _found(student, asked, answers, catalogue) for what, asked in told.items()}
        rows.append(Row(f"{variant.name}: {name}", "; ".join(f"{what} {figures}" for what, figures in found.items())))
        print(f"{rows[-1].what}: {rows[-1].measured}, {fit.curve[-1]['minutes']} minutes", flush=True)
    return rows


def set_apart(name: str, left_out: frozenset[str]) -> tuple[list[Request], frozenset[str]]:
    """The requests written for one item in ten, and everything of which nothing is learnt: those items and `left_out`."""
    catalogue = read_catalogue(name)
    apart = frozenset(item.id for item in catalogue if zlib.crc32(item.id.encode()) % 10 == 0) - left_out
    written = (pair for pair in texts.written_pairs(name, catalogue) if pair.key in apart)
    return [Request(pair.request, frozenset({pair.key}), pair.style) for pair in written], apart | left_out


def vectors(student: Student, side: str, said: list[str], catalogue: Catalogue) -> torch.Tensor:
    with torch.inference_mode():
        states = student.states(side, said, [catalogue.noun] * len(said)) - student.means[side]
        return functional.normalize(states, dim=-1)


def _found(student: Student, asked: list[Request], answers: torch.Tensor, catalogue: Catalogue) -> str:
    scores = (vectors(student, SIDES[0], [request.text for request in asked], catalogue) @ answers.T).numpy()
    share, mrr = shares_and_ranks(scores, asked, catalogue)
    return f"({len(asked)}) Recall@10 {share:.3f}, MRR {mrr:.3f}"


if __name__ == "__main__":
    sys.exit(main())
