"""What the commands share: their options, where they print, the parts they run on."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.settings import Settings

out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.")]
CatalogueOption = Annotated[str | None, typer.Option("--catalogue", help="A file, a folder or a built-in name.")]


@contextmanager
def opened(settings: Settings, *, needs_model: bool = False, quiet: bool = False) -> Generator[Any]:
    """The running parts in their claimed data folder, let go at the end."""
    from bot.data_folder import DataFolder
    from bot.parts import build
    from bot.terminal import progress_bar

    folder = DataFolder(settings.data)
    try:
        with progress_bar(err, quiet=quiet) as progress:
            parts = build(settings, folder, progress, needs_model=needs_model)
        try:
            yield parts
        finally:
            parts.close()
    finally:
        folder.release()
