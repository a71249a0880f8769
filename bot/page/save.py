"""Save as test: the button for developers that gives away a visitor's own conversation as a script."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from bot.page.visit import Visits
from bot.session import Session
from retrieval.errors import ReadableError

Script = Callable[[Session], str]  # a session as a scripted conversation


def save_button(visits: Visits, script: Script, session: gr.State) -> None:
    """Put the button here; what it gives is saved by the browser as conversation.conv.yaml."""
    save, carried = gr.Button("Save as test", size="sm"), gr.Textbox(visible="hidden", label="Script")

    def saved(session_id: str, request: gr.Request) -> str:
        try:
            return visits.script(str(request.headers.get("cookie", "")), session_id, script)
        except ReadableError as error:
            gr.Warning(str(error))
            return ""

    done = save.click(saved, [session], [carried], show_progress="hidden", api_visibility="private")
    done.then(None, [carried], None, js=Path(__file__).with_name("save.js").read_text(encoding="utf-8"))
