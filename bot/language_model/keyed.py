"""Embeddings whose vectors can be kept in files."""

from collections.abc import Sequence

from langchain_core.embeddings import Embeddings


class KeyedEmbeddings(Embeddings):
    """LangChain's Embeddings with a name for what they compute."""

    key: str  # names model and recipe: vectors of another key cannot be compared
    width: int  # numbers in a vector

    def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        """What `embed_query` gives for each of many texts."""
        return [self.embed_query(text) for text in texts]
