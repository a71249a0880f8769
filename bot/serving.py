"""Serves the page: the door opens at once, the parts are built beside it."""

import os
import socket
from typing import Any

from bot.api.doorway import Doorway
from bot.api.identity import secret_of
from bot.settings import Settings
from bot.visitors import Visitors
from retrieval.errors import ReadableError

GRACE_SECONDS = 1  # for open streams when the server is told to stop: a page keeps one open as long as it stands


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises ReadableError when the port or the data folder is not to be had."""
    import uvicorn

    from bot.data_folder import DataFolder

    listening = _listen(settings.host, settings.port)
    folder = DataFolder(settings.data)  # claimed before anything is built, so that a second Parley is told at once
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104 - only compared
    print(f"Parley is at http://{shown}:{settings.port} (stop with Ctrl+C)", flush=True)  # noqa: T201 - for the person who started it
    doorway = application(settings, folder)
    visitors = Visitors(doorway, settings.image_hosts)
    config = uvicorn.Config(visitors, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn hands it on after it has closed; there is nothing left to tell
        pass
    finally:
        doorway.close()
        folder.release()


def application(settings: Settings, folder: Any) -> Doorway:
    """The ASGI application of `settings`; its parts are built when it starts."""

    def build(doorway: Doorway) -> Any:
        from concurrent.futures import ThreadPoolExecutor

        os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
        with ThreadPoolExecutor(1) as pool:  # importing Gradio takes as long as loading the model: side by side
            importing = pool.submit(_import_page)
            from bot.api.application import api
            from bot.parts import build as build_parts

            parts = build_parts(settings, folder, doorway.report)
            doorway.close = parts.close
            doorway.report("opening the page", 0, 0)
            secret = secret_of(settings.data, settings.api_secret)
            mounted = importing.result()(parts, api(parts.recommender, secret, settings.examples))
        doorway.model = parts.model_problem or ("ready" if parts.language_model else "off")
        return mounted

    return Doorway(build)


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
