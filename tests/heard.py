"""An understanding in short, to be compared with what a sensible person hears in a message."""

from dataclasses import dataclass

from bot.session import Understanding


@dataclass(frozen=True)
class Heard:
    """An understanding in short. `avoids` are soft wishes against, `bans` and `musts` conditions."""

    likes: frozenset = frozenset()
    dislikes: frozenset = frozenset()
    seen: frozenset = frozenset()
    wants: frozenset = frozenset()
    avoids: frozenset = frozenset()
    bans: frozenset = frozenset()
    musts: frozenset = frozenset()


def heard(understanding: Understanding) -> Heard:
    mentions, wishes, constraints = understanding.mentions, understanding.wishes, understanding.constraints
    values = {c: c.value if isinstance(c.value, tuple) else (f"{c.facet} {c.operator} {c.value:g}",) for c in constraints}
    return Heard(
        frozenset(m.item_id for m in mentions if m.sentiment > 0 and not m.consumed),
        frozenset(m.item_id for m in mentions if m.sentiment < 0),
        frozenset(m.item_id for m in mentions if m.consumed),
        frozenset(w.value for w in wishes if w.weight > 0),
        frozenset(w.value for w in wishes if w.weight < 0),
        frozenset(v for c, said in values.items() if c.operator == "$nin" for v in said),
        frozenset(v for c, said in values.items() if c.operator != "$nin" for v in said),
    )


def hears(**parts: str) -> Heard:
    """`likes="a b"` is two ids; values of several words are joined by "_"."""
    return Heard(**{name: frozenset(word.replace("_", " ") for word in said.split()) for name, said in parts.items()})
