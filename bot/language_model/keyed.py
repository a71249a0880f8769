"""Embeddings whose vectors can be kept in files."""

from langchain_core.embeddings import Embeddings


class KeyedEmbeddings(Embeddings):
    """LangChain's Embeddings with a name for what they compute."""

    key: str  # names model and recipe: vectors of another key cannot be compared
    width: int  # numbers in a vector
