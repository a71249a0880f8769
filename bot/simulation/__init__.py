"""Simulated visitors: personas with hidden goals, the bots they talk to, and what comes of it."""
