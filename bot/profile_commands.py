"""The commands about what is held of a user: `profile`, `export`, `forget`."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.options import CatalogueOption, Data, out
from bot.settings import Settings, read_settings
from retrieval.errors import FolderInUseError, ReadableError

if TYPE_CHECKING:
    from bot.rights import Held

WHAT = "Only this, as `parley profile` names it: preference:mood=dark, item:ID, condition:…, entry:ID."


def profile(
    user: Annotated[str, typer.Argument(help="Whose profile.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Show what is held about a user, with the evidence."""
    from bot.terminal import show_held

    held = _looked_at(user, read_settings(data=data, catalogue=catalogue), "profile")
    if as_json:
        sys.stdout.write(_as_json(held.told()) + "\n")
    else:
        show_held(held, out)


def export(
    user: Annotated[str, typer.Argument(help="Whose data.")],
    file: Annotated[Path | None, typer.Option("--out", help="The file to write; without it, to standard output.")] = None,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Take away everything that is held about a user, as JSON."""
    told = _as_json(_looked_at(user, read_settings(data=data, catalogue=catalogue), "export").export())
    if file is None:
        sys.stdout.write(told + "\n")
        return
    try:
        file.write_text(told + "\n", encoding="utf-8")
    except OSError as error:
        raise ReadableError(f"--out {file} cannot be written: {error.strerror or error}") from error
    out.print(f"everything that is held about {user} stands in {file}", markup=False)


def forget(
    user: Annotated[str, typer.Argument(help="Who is to be forgotten.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    what: Annotated[str | None, typer.Option("--what", help=WHAT)] = None,
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Erase everything that is held about a user, or take back one thing."""
    settings = read_settings(data=data, catalogue=catalogue)
    held = _held(user, settings)
    if what:
        held.log.correct(held.correction("forget", what))
        out.print(f"{what} no longer counts for {user}", markup=False)
    elif yes or typer.confirm(f"Erase everything that is held about {user}? It cannot be had back"):
        out.print(f"{held.log.forget(user)} rows about {user} are erased", markup=False)
    else:
        raise typer.Exit(1)
    if _in_use(settings):
        out.print("A Parley is running on this folder: what it has learnt from them goes at its next start.")


def _held(user: str, settings: Settings) -> "Held":
    """What is held about a user in their newest session. Raises ReadableError where nothing is."""
    from bot.parts import open_log
    from bot.rights import Held
    from retrieval.catalogue import read_catalogue

    log = open_log(settings)
    session = log.session(user)
    if not any(log.held(user).values()):
        raise ReadableError(f"nothing is held about the user {user!r} in {settings.data}")
    return Held(log, read_catalogue(settings.catalogue), user, session.id if session else "", time.time())


def _looked_at(user: str, settings: Settings, what: str) -> "Held":
    """What is held about a user, and a line in the audit that somebody looked."""
    from bot.logs import keep_audit, looked

    held = _held(user, settings)
    kept = keep_audit(settings.data)
    looked(what, user, "command line")
    kept.close()
    return held


def _in_use(settings: Settings) -> bool:
    from bot.data_folder import DataFolder

    try:
        DataFolder(settings.data).release()
    except FolderInUseError:
        return True
    return False


def _as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
