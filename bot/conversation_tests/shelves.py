"""What conversations over one catalogue share: everything that no conversation changes, made once for a run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.conversation_tests.yaml_nodes import ConversationError
from bot.language_model import LanguageModel, open_language_model
from bot.meanings import TalkMeanings
from bot.nearest_words import NearestWords
from bot.parts import embed_catalogue, silent
from bot.settings import Settings, read_settings
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.index import ItemIndex
from retrieval.sources import Sources


@dataclass(frozen=True, slots=True)
class Shelf:
    """One catalogue with its parts. `sources` have learnt nothing and are copied for each conversation."""

    catalogue: Catalogue
    understander: Understander
    sources: Sources
    settings: Settings
    model: LanguageModel | None = None
    talk: TalkMeanings | None = None


class Shelves:
    """The shelves of a run, each made when it is first needed."""

    def __init__(self) -> None:
        self._catalogues: dict[str, Catalogue] = {}
        self._shelves: dict[tuple[str, bool], Shelf] = {}

    def of(self, catalogue: str, beside: Path, *, real: bool) -> Shelf:
        """The shelf of a catalogue, by name or as a path relative to `beside`; with the real language model or none."""
        near = (beside.parent / catalogue).resolve()
        source = str(near) if near.exists() else catalogue
        if (source, real) not in self._shelves:
            if source not in self._catalogues:
                self._catalogues[source] = read_catalogue(source)
            self._shelves[source, real] = _with_model(source, self._catalogues[source]) if real else self._plain(source)
        return self._shelves[source, real]

    def close(self) -> None:
        """Let the models go."""
        for shelf in self._shelves.values():
            if shelf.model:
                shelf.model.close()

    def _plain(self, source: str) -> Shelf:
        catalogue = self._catalogues[source]
        vectors = np.zeros((len(catalogue), 1), dtype=np.float32)
        sources = Sources.of(catalogue, vectors, ItemIndex(catalogue, vectors, "exact"))
        return Shelf(catalogue, Understander(catalogue), sources, _settings(source, "off"))


def _settings(source: str, model: str | None) -> Settings:
    """The user's own settings of models; the rest as shipped, so that a test is the same everywhere."""
    own, shipped = read_settings(), Settings.model_fields
    told = {name: shipped[name].get_default() for name in ("slate_size", "diversity", "exploration")}
    return own.model_copy(update={**told, "catalogue": source, "language_model": model or own.language_model})


def _with_model(source: str, catalogue: Catalogue) -> Shelf:
    settings = _settings(source, None)
    if settings.language_model == "off":
        raise ConversationError("the setting language_model is 'off', and a real one is asked for")
    model = open_language_model(settings, catalogue.noun)
    kept = settings.model_copy(update={"data": settings.data / "conversation-tests"})
    vectors = embed_catalogue(kept, catalogue, model.embeddings, silent)
    talk = TalkMeanings(model.embeddings, kept.data, silent)
    sources = Sources.of(catalogue, vectors, ItemIndex(catalogue, vectors, "exact"), talk)
    return Shelf(catalogue, Understander(catalogue, NearestWords(catalogue, model.embeddings)), sources, settings, model, talk)
