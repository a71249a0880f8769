"""Opens the language model that the settings name: hosted here, or a remote server through LangChain."""

from collections.abc import Callable
from dataclasses import dataclass

from langchain_core.language_models.chat_models import BaseChatModel

from bot.language_model.chat import HostedChat
from bot.language_model.embedding import HostedEmbeddings
from bot.language_model.encoder import EncoderEmbeddings
from bot.language_model.errors import ModelError
from bot.language_model.generation import Generator
from bot.language_model.hosted import load
from bot.language_model.keyed import KeyedEmbeddings
from bot.language_model.weights import weights_folder
from bot.settings import Settings

REMOTE = ("openai:", "ollama:", "mistralai:", "anthropic:")  # "provider:model", as init_chat_model takes it


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The two jobs of the model, and how to let it go."""

    embeddings: KeyedEmbeddings
    chat: BaseChatModel | None
    close: Callable[[], None]
    embeddings_for: Callable[[str], KeyedEmbeddings]  # in the words for another noun: "product" beside "film"


def open_language_model(settings: Settings, noun: str) -> LanguageModel:
    """The model that the settings name; `noun` is what an item is called. Adapters serve the weights they were fitted on alone.

    Raises ModelError, in words, when any of it cannot be had.
    """
    name, encoder = settings.language_model, settings.embedding_model
    if name.startswith(REMOTE):
        if not encoder:
            raise ModelError("a remote language_model needs a setting embedding_model as well, to embed with")
        remote = EncoderEmbeddings(encoder)
        return LanguageModel(remote, _remote(name, settings.language_model_url), lambda: None, lambda _: remote)
    from bot.adapters.shipped import folder_of

    folder = weights_folder(name, settings.models)
    hosted = load(folder or name, offline=folder is not None, adapters=folder_of(settings.adapters))
    generator = Generator(hosted)
    chat = HostedChat(generator=generator)
    separate = EncoderEmbeddings(encoder) if encoder else None

    def embeddings_for(noun: str) -> KeyedEmbeddings:
        return separate or HostedEmbeddings(hosted, noun, settings.embedding_width)

    return LanguageModel(embeddings_for(noun), chat, generator.close, embeddings_for)


def _remote(name: str, url: str) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(name, base_url=url or None, temperature=0, timeout=30, max_retries=1)
    except (ImportError, ValueError) as error:
        raise ModelError(f"language_model {name!r} cannot be reached: {error}; `pip install parley[remote]`") from error
