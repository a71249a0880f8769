"""The hosted language model: one decoder that embeds and speaks, behind LangChain's Embeddings and BaseChatModel."""

from bot.language_model.errors import ModelError
from bot.language_model.keyed import KeyedEmbeddings
from bot.language_model.opening import LanguageModel, open_language_model

__all__ = ["KeyedEmbeddings", "LanguageModel", "ModelError", "open_language_model"]
