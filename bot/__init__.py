"""The conversation: settings, sessions, understanding, profile, the hosted language model, explanation, the flow, the page."""
