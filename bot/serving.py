"""Serves the page: the door opens at once, the parts are built beside it."""

import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from bot import logs, tracing
from bot.api.doorway import Doorway
from bot.api.identity import secret_of
from bot.api.sites import DEFAULT, Site, read_sites
from bot.settings import Settings
from bot.visitors import Visitors
from retrieval.errors import ReadableError

EXAMPLE = "shop"  # the site of the example pages, and its catalogue
GRACE_SECONDS = 1  # for open streams when the server is told to stop: a page keeps one open as long as it stands


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises ReadableError when the port or the data folder is not to be had."""
    import uvicorn

    from bot.api.patience import HurriedProtocol
    from bot.data_folder import DataFolder

    if settings.log_format == "json":
        logs.begin("json", logging.getLogger().level)
    traced = tracing.begin() if settings.tracing else None
    sites = _with_example(read_sites(settings.sites), settings)
    listening = _listen(settings.host, settings.port)
    folder = DataFolder(settings.data)  # claimed before anything is built, so that a second Parley is told at once
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104 - only compared
    print(f"Parley is at http://{shown}:{settings.port} (stop with Ctrl+C)", flush=True)  # noqa: T201 - for the person who started it
    kept = logs.keep_audit(settings.data)
    doorway = application(settings, folder, sites)
    visitors = Visitors(doorway, settings.image_hosts)
    config = uvicorn.Config(
        visitors, http=HurriedProtocol, log_config=None, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn hands it on after it has closed; there is nothing left to tell
        pass
    finally:
        doorway.close()
        kept.close()
        folder.release()
        if traced:
            traced()


def application(settings: Settings, folder: Any, sites: Mapping[str, Site]) -> Doorway:
    """The ASGI application of `settings`, for its sites; its parts are built when it starts."""

    def build(doorway: Doorway) -> Any:
        from concurrent.futures import ThreadPoolExecutor

        os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
        with ThreadPoolExecutor(1) as pool:  # importing Gradio takes as long as loading the model: side by side
            importing = pool.submit(_import_page)
            from bot.api.application import api
            from bot.parts import build as build_parts

            parts = build_parts(settings, folder, doorway.report)
            doorway.close = parts.close
            recommenders = _of_sites(sites, parts, doorway)
            doorway.report("opening the page", 0, 0)
            secret = secret_of(settings.data, settings.api_secret)
            scripts = _scripts(settings, sites, recommenders)
            app = api(recommenders, sites, secret, settings.turns_at_once, settings.examples, scripts)
            mounted = importing.result()(parts, app, scripts.get(DEFAULT))
        doorway.model = parts.model_problem or ("ready" if parts.language_model else "off")
        return mounted

    return Doorway(build)


def _with_example(sites: Mapping[str, Site], settings: Settings) -> Mapping[str, Site]:
    """With the shop of the example pages, where they are served and nobody else is called so."""
    own = "" if settings.catalogue == EXAMPLE else EXAMPLE
    return {EXAMPLE: Site(name=EXAMPLE, catalogue=own), **sites} if settings.examples else sites


def _of_sites(sites: Mapping[str, Site], parts: Any, doorway: Doorway) -> dict[str, Any]:
    """The recommender of each site: the main one, or one of its own where it has a catalogue of its own."""
    found: dict[str, Any] = {}
    for name, site in sites.items():
        found[name] = parts.beside(name, site.catalogue, doorway.report) if site.catalogue else parts.recommender
        if site.catalogue:
            doorway.close = _both(found[name].log.close, doorway.close)
    return found


def _scripts(settings: Settings, sites: Mapping[str, Site], recommenders: Mapping[str, Any]) -> dict[str, Any]:
    """How a session of each site is saved as a test; empty unless the setting `developer` is on."""
    from bot.conversation_tests.saving import SavedAsTest

    found = sites.items() if settings.developer else ()
    return {name: SavedAsTest(site.catalogue or settings.catalogue, recommenders[name].log) for name, site in found}


def _both(first: Callable[[], None], then: Callable[[], None]) -> Callable[[], None]:
    def close() -> None:
        first()
        then()

    return close


def _import_page() -> Any:
    from bot.page import mounted

    return mounted


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ReadableError(f"port {port} on {host} is not free ({error.strerror}): choose another with --port") from error
    return listening
