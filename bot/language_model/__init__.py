"""The hosted language model: one decoder that embeds and speaks, behind LangChain's Embeddings and BaseChatModel."""

from bot.language_model.errors import ModelError
from bot.language_model.opening import KeyedEmbeddings, LanguageModel, open_language_model

__all__ = ["KeyedEmbeddings", "LanguageModel", "ModelError", "open_language_model"]
