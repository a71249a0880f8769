"""`parley record`: a session from the log, from a server or held right now becomes a script."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.options import CatalogueOption, Data, err, opened
from bot.settings import Settings, read_settings
from retrieval.errors import ReadableError

if TYPE_CHECKING:
    from bot.conversation_tests.recorded import Recorded

SECONDS = 60.0  # for a server's answer
User = Annotated[str, typer.Option("--user", help="Their newest session; with --chat, whose profile counts.")]
Url = Annotated[str, typer.Option("--url", help="Take the session from this server, with the visitor's own --token.")]


def record(
    session: Annotated[str, typer.Argument(help="The session's id.", show_default=False)] = "",
    user: User = "",
    last: Annotated[bool, typer.Option("--last", help="The newest session of all.")] = False,
    chat: Annotated[bool, typer.Option("--chat", help="Hold one now, in the terminal.")] = False,
    url: Url = "",
    token: Annotated[str | None, typer.Option("--token", envvar="PARLEY_TOKEN", help="A visitor's token.")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="The file to write; without it, to standard output.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    name: Annotated[str, typer.Option("--name", help="What the scenario is called.")] = "",
    data: Data = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Make a scripted conversation of a session, with what came of it to be expected again, and no personal data."""
    from bot.conversation_tests.recording import record as recorded_script

    if file and file.exists() and not force:
        raise ReadableError(f"--out {file} is there already: choose another name, or write over it with --force")
    ways = sum(map(bool, (session or user or last, chat or url)))
    if ways == 0 or (chat and (session or last or url)) or (url and (user or last)):
        raise ReadableError("name one session: its id, --user NAME, --last, --url with --token, or --chat to hold one now")
    settings = read_settings(data=data, catalogue=catalogue)
    if url:
        held = _exported(url, token or "", session)
    else:
        held = _chatted(settings, user) if chat else _logged(settings, session, user)
    recording = recorded_script(held, _source(settings.catalogue), _beside(settings.catalogue, file), name)
    _write(recording.text, file)
    if recording.dropped:
        err.print(f"left out, as not true again without a language model: {recording.dropped} expectations")
    for sentence in recording.left_out:
        err.print(sentence, markup=False)


def _logged(settings: Settings, session: str, user: str) -> "Recorded":
    """A session from the data folder's log, beside a running Parley or not."""
    from bot.conversation_tests.recorded import Recorded
    from bot.logs import keep_audit, looked
    from bot.parts import open_log

    log = open_log(settings)
    try:
        found = log.newest(session, user)
        if found is None:
            named = f" called {session!r}" * bool(session) + f" of the user {user!r}" * bool(user)
            raise ReadableError(f"no session{named} in {settings.data} holds anything that was said or shown")
        kept = keep_audit(settings.data)
        looked("record", found[0], "command line")
        kept.close()
        return Recorded.of_rows(log.held(found[0]), found[1])
    finally:
        log.close()


def _chatted(settings: Settings, user: str) -> "Recorded":
    """A session that is held in the terminal now."""
    from bot.conversation_tests.recorded import Recorded
    from bot.terminal import converse

    with opened(settings) as parts:
        recommender = parts.recommender
        session = recommender.log.start_session(user or "terminal", time.time())
        converse(recommender, session, err, err)
        return Recorded.of_rows(recommender.log.held(session.user), session.id)


def _exported(url: str, token: str, session: str) -> "Recorded":
    """A visitor's session from what a server exports of them."""
    import httpx

    from bot.conversation_tests.recorded import Recorded

    base = url.rstrip("/").removesuffix("/api/v1") + "/api/v1"
    if not base.startswith(("http://", "https://")) or not token:
        raise ReadableError(f"--url is {url!r}; it begins with http:// or https://, and a visitor's --token goes with it")
    try:
        answer = httpx.get(f"{base}/export", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
        rows: Any = answer.raise_for_status().json()
    except httpx.HTTPStatusError as error:
        raise ReadableError(f"{base}/export answers {error.response.status_code}: {error.response.text[:300]}") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise ReadableError(f"{base} cannot be reached: {error}") from error
    except ValueError as error:
        raise ReadableError(f"{base}/export does not answer with JSON: {error}") from error
    return Recorded.of_rows(rows, session)


def _source(catalogue: str) -> str:
    """The catalogue as it is read from anywhere: a built-in name as it is, else the whole path."""
    return catalogue if _built_in(catalogue) else str(Path(catalogue).resolve())


def _beside(catalogue: str, file: Path | None) -> str:
    """The catalogue as a script calls it: a built-in name, or the path from the script (or the working folder) to it."""
    folder = file.resolve().parent if file else Path.cwd()
    return catalogue if _built_in(catalogue) else Path(os.path.relpath(Path(catalogue).resolve(), folder)).as_posix()


def _built_in(catalogue: str) -> bool:
    from retrieval.catalogue import BUILT_IN

    return (BUILT_IN / catalogue).is_dir()


def _write(text: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReadableError(f"--out {file} cannot be written: {error.strerror or error}") from error
    err.print(f"the script is in {file}; `parley test {file}` holds it", markup=False)
