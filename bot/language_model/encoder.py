"""A separate encoder for the embedding job alone: mean-pooled hidden states of a sentence encoder, unit length."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.language_model.errors import ModelError
from bot.language_model.keyed import KeyedEmbeddings

BATCH = 32
MAX_TOKENS = 256  # what the popular sentence encoders were trained with


class EncoderEmbeddings(KeyedEmbeddings):
    """LangChain's Embeddings over an encoder (MiniLM, mpnet, …) in a local folder or by Hugging Face id."""

    def __init__(self, name: str) -> None:
        from safetensors import SafetensorError
        from transformers import AutoModel, AutoTokenizer

        folder = Path(name).expanduser()
        if not folder.is_dir() and (folder.is_absolute() or name.count("/") != 1):
            raise ModelError(f"embedding_model is {name!r}, which is neither a folder nor a Hugging Face id")
        where = folder if folder.is_dir() else name
        offline = folder.is_dir()
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(where, local_files_only=offline, trust_remote_code=False)
            self._model: Any = AutoModel.from_pretrained(
                where, local_files_only=offline, trust_remote_code=False, use_safetensors=True
            ).eval()
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ModelError(f"the encoder {name!r} cannot be loaded: {str(error).splitlines()[0]}") from error
        self.name = name
        self.key = "".join(letter if letter.isalnum() else "-" for letter in folder.name.lower())
        self.width = int(self._model.config.hidden_size)
        self._remembered = lru_cache(maxsize=4_096)(self._embed_one)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of `texts`."""
        import torch

        found: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            batch = self._tokenizer(
                texts[start : start + BATCH], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            with torch.inference_mode():
                states = self._model(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None]
            pooled = (states * mask).sum(1) / mask.sum(1)
            found += torch.nn.functional.normalize(pooled, dim=-1).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of one text."""
        return list(self._remembered(text))

    def _embed_one(self, text: str) -> tuple[float, ...]:
        return tuple(self.embed_documents([text])[0])
