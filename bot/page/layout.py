"""The page itself: Gradio Blocks with chat, cards, profile and quick replies, mounted into a FastAPI application."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.themes
from fastapi import FastAPI, HTTPException

from bot.page.panel import summary
from bot.page.save import Script, save_button
from bot.page.visit import View, Visits
from bot.parts import Parts
from bot.profile import Profile
from bot.session import Session
from retrieval.errors import ReadableError

HERE = Path(__file__).parent
AT_ONCE = 8  # visitors answered at a time; more wait in the queue
WAITING = 64  # after that many a visitor is told to come back
LONGEST_TYPED = 4_000  # characters the box takes; the flow refuses what is too long in words


def mounted(parts: Parts, app: FastAPI, script: Script | None = None) -> FastAPI:
    """`app` with the page at / behind all that it answers itself, for visitors known by their cookie."""
    theme = gradio.themes.Default(
        primary_hue="teal", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    ).set(
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#115e59",
        button_primary_background_fill_dark="#0f766e",
        button_primary_background_fill_hover_dark="#115e59",
        link_text_color_dark="*secondary_300",
        button_cancel_background_fill="#b91c1c",
    )
    app.add_api_route("/gradio_api/proxy={address:path}", _nobody, include_in_schema=False)  # Gradio's, of no use here
    # the system's own fonts: none is fetched from anywhere; colours with a contrast of at least 4.5 to 1
    gr.mount_gradio_app(
        app, page(parts, script), path="/", theme=theme, css=(HERE / "page.css").read_text(encoding="utf-8"), footer_links=[],
        run_history=False, ssr_mode=False, enable_monitoring=False, allowed_paths=[], show_error=False,
    )  # fmt: skip
    return app


def _nobody(address: str) -> None:
    """No address is asked on behalf of others."""
    raise HTTPException(404, f"Nothing is asked of {address[:80]!r} from here.")


def page(parts: Parts, script: Script | None = None) -> gr.Blocks:
    """The Blocks of the page; `script`: how a conversation is saved as a test, None: it is not."""
    visits = Visits(parts.recommender, parts.settings.image_hosts)
    catalogue = parts.recommender.catalogue
    with gr.Blocks(title="Parley", analytics_enabled=False, fill_width=True) as blocks:
        told = f"Say what you are after; {len(catalogue):,} {catalogue.plural} are here, and nothing leaves this machine."
        gr.HTML(
            _literal({"told": told}),
            html_template="<header class='parley-head'><h1>Parley</h1><p>{{value.told}}</p></header>",
            js_on_load=None,
        )
        session = gr.State("")
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320, elem_id="parley-left"):
                chat = gr.Chatbot(
                    label="Conversation", height=420, sanitize_html=True, allow_tags=False, render_markdown=False,
                    latex_delimiters=[], buttons=["copy"], placeholder="What are you in the mood for?",
                )  # fmt: skip
                with gr.Row():
                    box = gr.Textbox(
                        placeholder="Something like …, but …", label="Your message", show_label=False, scale=8, min_width=120,
                        lines=1, max_lines=4, max_length=LONGEST_TYPED, autofocus=True, elem_id="parley-message",
                    )  # fmt: skip
                    send = gr.Button("Send", variant="primary", scale=1, min_width=70)
                    stop = gr.Button("Stop", scale=1, min_width=60)
                replies = _html("replies", catalogue.starters, js=True)
                with gr.Accordion("What I know of you", open=True, elem_id="parley-known"):
                    profile = _html("profile", summary(Profile(), catalogue), js=True, server=_asked(visits))
                    begin = gr.Button("New conversation", size="sm")
                    if script:
                        save_button(visits, script, session)
            with gr.Column(scale=6, min_width=320):
                cards = _html("cards", {"slate": "", "items": [], "relaxed": "", "empty": True}, js=True)
        shown = [chat, cards, profile, replies]
        _listen(visits, blocks, session, shown, box, send, stop, begin)
    blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    return blocks


def _asked(visits: Visits) -> list[Callable[..., Any]]:
    """What the panel asks by itself, under these names."""

    def export_all(_: Any, request: gr.Request) -> str:
        return visits.export(_cookies(request))

    def months(_: Any, request: gr.Request) -> list[str]:
        return visits.months(_cookies(request))

    return [export_all, months]


def _html(name: str, value: Any, *, js: bool = False, server: Sequence[Callable[..., Any]] = ()) -> gr.HTML:
    script = (HERE / f"{name}.js").read_text(encoding="utf-8") if js else None
    template = (HERE / f"{name}.html").read_text(encoding="utf-8")
    return gr.HTML(
        _literal(value), html_template=template, js_on_load=script, apply_default_css=False, server_functions=[*server]
    )


def _listen(
    visits: Visits, blocks: gr.Blocks, session: gr.State, shown: list[Any], box: gr.Textbox,
    send: gr.Button, stop: gr.Button, begin: gr.Button,
) -> None:  # fmt: skip
    """Tie the components to what they do."""

    def say(message: str, session_id: str, request: gr.Request) -> Iterator[Any]:
        yield from _followed(visits.send(_cookies(request), session_id, message), "")

    def say_reply(session_id: str, event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        yield from _followed(visits.send(_cookies(request), session_id, str(event.text)))

    def react(session_id: str, event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        told = {name: getattr(event, name) for name in ("kind", "item", "position", "slate")}
        yield from _followed(visits.react(_cookies(request), session_id, told))

    def correct(session_id: str, event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        yield from _followed(visits.correct(_cookies(request), session_id, str(event.how), str(event.what)))

    cards, profile, replies = shown[1:]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "always_last"}
    speaking: Any = [
        box.submit(say, [box, session], [*shown, box], concurrency_limit=AT_ONCE, **quiet),
        send.click(say, [box, session], [*shown, box], concurrency_limit=AT_ONCE, **quiet),
        replies.click(say_reply, [session], [*shown, box], concurrency_limit=AT_ONCE, **quiet),
    ]
    reacting = cards.click(react, [session], [*shown, box], concurrency_limit=AT_ONCE, cancels=speaking, **quiet)
    correcting = profile.click(correct, [session], [*shown, box], concurrency_limit=AT_ONCE, cancels=speaking, **quiet)
    running: Any = [*speaking, reacting, correcting]
    stop.click(None, cancels=running, **quiet)
    blocks.load(_opening(visits.load), None, [session, *shown], **quiet)
    begin.click(_opening(visits.begin), None, [session, *shown], cancels=running, **quiet)
    profile.clear(_opening(visits.forget), None, [session, *shown], cancels=running, **quiet)


def _opening(step: Callable[[str], tuple[Session, View]]) -> Callable[[gr.Request], tuple[Any, ...]]:
    """A listener that shows the conversation to which a step leads a visitor."""

    def opened(request: gr.Request) -> tuple[Any, ...]:
        found, view = step(_cookies(request))
        return found.id, *_values(view)

    opened.__name__ = step.__name__  # by which Gradio names the listener
    return opened


def _followed(views: Iterator[View], box: Any = None) -> Iterator[Any]:
    """The views as Gradio takes them; `box`, where given, is the box's text from the first on, what is typed later stays.

    What cannot be answered is told in a notice, and the box keeps its text.
    """
    box = gr.skip() if box is None else box
    before: View | None = None
    try:
        for view in views:
            yield (*_values(view, before), box)
            box, before = gr.skip(), view
    except ReadableError as error:
        gr.Warning(str(error))
        yield tuple(gr.skip() for _ in range(5))
    finally:
        views.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator, typed as an iterator


def _values(view: View, before: View | None = None) -> tuple[Any, ...]:
    """The view as its components take it; what stands as `before` is left alone, so that nobody's click is lost."""
    chat = [{**said, "content": said["content"].replace("<", "&lt;")} for said in view.chat]  # the chat reads texts as HTML
    told = [("cards", view.cards), ("profile", view.profile), ("replies", view.replies)]
    return chat, *(gr.skip() if before and getattr(before, name) == value else _literal(value) for name, value in told)


def _literal(value: Any) -> Any:
    """`value` with texts that stay texts: Gradio evaluates a filled template as a JavaScript template literal."""
    if isinstance(value, str):
        return value.replace("\\", r"\\").replace("$", r"\$")
    if isinstance(value, dict):
        return {name: _literal(inner) for name, inner in value.items()}
    return [_literal(inner) for inner in value] if isinstance(value, list | tuple) else value


def _cookies(request: gr.Request) -> str:
    return str(request.headers.get("cookie", ""))
