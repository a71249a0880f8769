"""Load on loopback: many streams at once, what is refused, and whether anything grows; `python -m tests.load` measures."""
