"""Builds the live parts of a running Parley from its settings; given, never fetched, from here on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bot.data_folder import DataFolder
from bot.events import EventLog
from bot.language_model import KeyedEmbeddings, LanguageModel, ModelError, open_language_model
from bot.meanings import TalkMeanings
from bot.moments import replay
from bot.nearest_words import NearestWords
from bot.proposals import Proposals
from bot.recommender import Recommender
from bot.settings import Settings
from bot.shipped_weights import SHIPPED
from bot.understanding import Understander
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.errors import ReadableError
from retrieval.index import ItemIndex
from retrieval.rankers import Rankers
from retrieval.sources import Sources
from retrieval.vectors import VectorFiles, Vectors

Progress = Callable[[str, int, int], None]  # stage in words, done, total (0: not known)

log = logging.getLogger(__name__)


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, and what has to be let go at the end."""

    settings: Settings
    recommender: Recommender
    folder: DataFolder
    language_model: LanguageModel | None
    model_problem: str = ""  # why there is no language model although one is set

    def beside(self, name: str, catalogue: str, progress: Progress = silent) -> Recommender:
        """The recommender of another catalogue, over the same model, with a log and vectors of its own in sites/NAME.

        Its log is closed by whoever asked for it. Raises ReadableError.
        """
        if self.settings.database_url:
            raise ReadableError(f"the site {name!r} has its own catalogue: with database_url set it needs a Parley of its own")
        folder = self.settings.data / "sites" / name
        folder.mkdir(parents=True, exist_ok=True)
        settings = self.settings.model_copy(update={"data": folder, "catalogue": catalogue, "chroma_url": ""})
        read = read_catalogue(catalogue)
        model = self.language_model
        if model:
            model = replace(model, embeddings=model.embeddings_for(read.noun))
        return _recommender(settings, read, open_log(settings), model, progress)

    def close(self) -> None:
        """Let model, log and folder go, in this order."""
        if self.language_model:
            self.language_model.close()
        self.recommender.log.close()
        self.folder.release()


def build(settings: Settings, folder: DataFolder, progress: Progress = silent, *, needs_model: bool = False) -> Parts:
    """In a data folder that is claimed, read the catalogue, load the model, embed what is new, open index and log.

    A language model that cannot be had is told in `model_problem` and done without, unless `needs_model`.
    Raises ReadableError for everything that a person can mend.
    """
    catalogue = read_catalogue(settings.catalogue)
    for problem in catalogue.problems:
        log.warning("%s, line %d %s; the row is left out", settings.catalogue, problem.line, problem.why)
    log_ = open_log(settings)
    model, why = _model(settings, catalogue, progress, needs_model=needs_model)
    recommender = _recommender(settings, catalogue, log_, model, progress)
    return Parts(settings, recommender, folder, model, why)


def open_log(settings: Settings) -> EventLog:
    """The log alone: it can be read and written beside a running Parley."""
    return EventLog(settings.database_url) if settings.database_url else EventLog.in_folder(settings.data)


def embed_catalogue(settings: Settings, catalogue: Catalogue, embeddings: KeyedEmbeddings, progress: Progress) -> Vectors:
    """The vectors of every item, only new or changed ones embedded now."""
    done = 0

    def count(items: int) -> None:
        nonlocal done
        done += items
        progress(f"embedding {catalogue.plural}", done, len(catalogue))

    files = VectorFiles(settings.data, embeddings.key, embeddings.width)
    return files.complete(catalogue, embeddings.embed_documents, count)


def _model(
    settings: Settings, catalogue: Catalogue, progress: Progress, *, needs_model: bool
) -> tuple[LanguageModel | None, str]:
    if settings.language_model == "off":
        return None, ""
    progress("loading the language model", 0, 0)
    try:
        model = open_language_model(settings, catalogue.noun)
    except ModelError as error:
        if needs_model:
            raise
        log.error("%s; the template speaks instead", error)
        return None, str(error)
    return model, ""


def _recommender(
    settings: Settings, catalogue: Catalogue, log_: EventLog, model: LanguageModel | None, progress: Progress
) -> Recommender:
    embeddings = model.embeddings if model else None
    vectors = np.zeros((len(catalogue), 1), dtype=np.float32)
    if embeddings:
        vectors = embed_catalogue(settings, catalogue, embeddings, progress)
    index = ItemIndex(catalogue, vectors, settings.search)
    if embeddings:
        progress("opening the index", 0, 0)
        index.connect(settings.data / "chroma", settings.chroma_url)
    talk = TalkMeanings(embeddings, settings.data, progress) if embeddings else None
    sources = Sources.of(catalogue, vectors, index, talk)
    replay(sources, log_, talk)
    understander = Understander(catalogue, NearestWords(catalogue, embeddings) if embeddings else None)
    chat = model.chat if model else None
    return Recommender(
        catalogue, understander, sources, embeddings, chat, log_, Rankers(settings.data / "rankers").read(SHIPPED),
        settings.diversity, settings.exploration, settings.slate_size, talk=talk,
        proposals=Proposals(catalogue, chat) if chat and settings.proposals else None,
    )  # fmt: skip
