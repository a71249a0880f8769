"""Which words of a clause a negator rules out: the next few after it, unless it rules out nothing at all."""

from collections.abc import Sequence

from bot.phrases import Token
from bot.words import NEGATORS, REFUSALS, REFUSED

NO_NEGATION = {  # "not only comedies", "nothing but comedies", "no I like …", "not sure"
    "not": ("only", "just", "sure", "certain", "aware", "familiar", "sound", "seem", "look"), "nothing": ("but",),
    "no": (
        "idea", "one", "doubt", "problem", "worries", "clue", "i", "i'm", "im", "it", "its", "it's", "he", "she", "we", "they",
        "you", "that's", "thats", "this", "but", "not", "my", "thanks", "thank", "please", "sorry", "because",
    ),
}  # fmt: skip
COPULAS = {"is", "are", "was", "were"}
RELATIVE = {"that", "which", "who", "that's", "who's"}  # "something that is not scary" asks
ASKING_FIRST = {"if", "long", "unless", "sure", "hope", "hopefully", "provided", "make", "whether", "should"}
NEGATION_REACH = 5  # words: "not as good or as gory as …" still reaches gory


def ruled_out(words: Sequence[Token]) -> frozenset[int]:
    """Where the words stand that a negator rules out: the next few after it, more after each "or", "and", "nor"."""
    out: set[int] = set()
    left = 0
    lower = [word.text.lower().replace("’", "'") for word in words]
    for at, text in enumerate(lower):
        following = lower[at + 1] if at + 1 < len(lower) else ""
        if text == "less" and following != "than":
            left = 1
        elif (text in ("isn't", "aren't", "wasn't") and at and lower[at - 1] in RELATIVE) or (
            text == "out" and at and lower[at - 1] in ("leave", "leaving", "filter")
        ):  # "anything that isn't a war film"
            left = NEGATION_REACH
        elif text in NEGATORS | REFUSALS and _is_idle(lower, at, following):
            continue
        elif text in NEGATORS or (text in REFUSALS and following in REFUSED):
            left = NEGATION_REACH
        elif left and text in ("or", "and", "nor"):
            left = max(left, NEGATION_REACH - 1)
        elif left:
            out.add(words[at].start)
            left -= 1
    return frozenset(out)


def _is_idle(words: Sequence[str], at: int, following: str) -> bool:
    """Whether the negator at a place rules nothing out of what is looked for: "not only", "why not", "who doesn't like"."""
    text, before = words[at], words[at - 1] if at else ""
    if following in NO_NEGATION.get(text, ()) or (text == "not" and before in ("why", "if")):
        return True
    if before in NEGATORS | REFUSALS and text in ("dislike", "hate"):  # two of them
        return True
    return (text in REFUSALS and before == "who") or (text == "not" and _describes(words[:at]))


def _describes(words: Sequence[str]) -> bool:
    """Whether words that lead up to a "not" say what something is: "it is", "Morgan Freeman was", "that's just"."""
    kept = [word for word in words if word not in ("just", "really", "definitely", "certainly", "exactly")]
    if not kept:
        return False
    contracted = kept[-1].endswith("'s") or kept[-1] == "its"
    if not contracted and kept[-1] not in COPULAS:
        return False
    subject = kept[-1] if contracted else kept[-2] if len(kept) > 1 else "it"
    return subject not in RELATIVE and not ASKING_FIRST & set(kept)
