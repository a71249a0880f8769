"""The servers under load, each a process of its own: Parley's API, a bare FastAPI stream, a bare Gradio echo.

Each streams TOKENS words, one every GAP seconds, whatever it is asked: the model is a script of fixed delay.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOKENS, GAP = 100, 0.02  # words of one answer; seconds between them: 50 a second
SECRET = b"x" * 32


def parley(port: int, at_once: int) -> None:
    """Parley's API; a recommender whose words come from the script, everything else as it is."""
    import uvicorn

    from bot.api.application import api
    from bot.api.sites import DEFAULT, Limits, Site

    many = 1e9
    limits = Limits(
        visitor_turns_per_minute=many, visitor_requests_per_minute=many, site_turns_per_minute=many, sessions_per_minute=many
    )
    with tempfile.TemporaryDirectory() as folder:
        app = api({DEFAULT: _recommender(Path(folder))}, {DEFAULT: Site(limits=limits)}, SECRET, at_once)
        uvicorn.run(app, port=port, log_level="warning")


def _recommender(folder: Path):
    import numpy as np

    from bot.events import EventLog
    from bot.recommender import Recommender, Words
    from bot.understanding import Understander
    from retrieval.sources import Sources
    from tests.made_up import random_shelf

    @dataclass(frozen=True)
    class Scripted(Recommender):
        """Answers as ever, then says the script."""

        def reply(self, session, message, **how) -> Iterator:
            if message == "whole":  # the whole flow, for what grows
                yield from super().reply(session, message, **how)
                return
            due = time.monotonic()
            for number in range(TOKENS):
                yield Words(f"word{number} ")
                due += GAP
                time.sleep(max(0.0, due - time.monotonic()))

    catalogue = random_shelf(300)
    sources = Sources.of(catalogue, np.zeros((len(catalogue), 1), dtype=np.float32))
    return Scripted(catalogue, Understander(catalogue), sources, None, None, EventLog.in_folder(folder))


def fastapi(port: int, _: int) -> None:
    """A bare stream of FastAPI."""
    import asyncio

    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import StreamingResponse

    app = FastAPI()

    async def said():
        due = time.monotonic()
        for number in range(TOKENS):
            yield f'event: words\ndata: {{"text": "word{number} "}}\n\n'
            due += GAP
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    @app.post("/api/v1/turns")
    async def turns() -> StreamingResponse:
        return StreamingResponse(said(), media_type="text/event-stream")

    uvicorn.run(app, port=port, log_level="warning")


def gradio(port: int, _: int) -> None:
    """A bare echo of Gradio."""
    import asyncio

    import gradio as gr

    async def echo(message: str):
        due, text = time.monotonic(), ""
        for number in range(TOKENS):
            text += f"word{number} "
            yield text
            due += GAP
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    with gr.Blocks() as page:
        box = gr.Textbox()
        box.submit(echo, box, gr.Textbox(), api_name="echo")
    page.queue(default_concurrency_limit=None).launch(server_port=port, quiet=True, prevent_thread_lock=False)


if __name__ == "__main__":
    {"parley": parley, "fastapi": fastapi, "gradio": gradio}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
