"""The chat page, in Gradio; nothing else imports gradio."""

from bot.page.layout import mounted

__all__ = ["mounted"]
