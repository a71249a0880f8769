"""What can go wrong with a language model, in words."""

from retrieval.errors import ReadableError


class ModelError(ReadableError):
    """The language model cannot be found, loaded, or go on speaking."""
