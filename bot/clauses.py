"""Cuts a message into clauses and says which words a negator rules out in each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.phrases import Token, tokens
from bot.words import NEGATORS, REFUSALS, REFUSED

CUT = re.compile(
    r"[.,;!?()\n]+|\b(?:(?:any|every)(?:thing|one) but|(?<!nothing )but|although|though|however|except(?: for)?|yet)\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
ABOUT = re.compile(  # asks about something there is, or tells of it, and asks for nothing: no condition can stand in it
    r"^\W*(?:(?:oh|and|so|but|ok|okay|well|hmm|yes|yeah|no)\W+)*(?:"
    r"(?:is|was|are|were|isn['’]t|wasn['’]t|does|did|has|had|who) (?:it|this|that|he|she|they|also|is|was|else)\b.*\?"
    r"|i(?:['’]ve| have|['’]m| am)? (?:no idea|not (?:really |very |that )?familiar|never heard)\b"
    r"|i (?:just |recently |already |last )*(?:watched|saw|finished)\b)",
    re.IGNORECASE,
)
TELLS = re.compile(  # so begins a sentence that describes something; what follows its first comma may ask again
    r"^\W*(?:(?:oh|and|so|but|ok|okay|well|hmm|yes|yea|yeah|no|actually|definitely)\W+)*(?:"
    r"(?:i (?:think|thought|believe|guess|heard) (?:that )?)?(?:it|that|this|he|she|they)(?:['’]s| is| was| came| has| had)\b"
    r"(?! (?:for|too|so|important|has to|had to|ha[sd] to)\b)"
    r"|(?:isn['’]?t|wasn['’]?t|wasnt|isnt|did(?:n['’]?t)?) (?:it|that|this|he|she|they|those)\b"
    r"|i (?:really |also |just |do |did )*(?:used to|thought|enjoyed|loved|saw|see|heard)\b"
    r"|i(?: have| had|['’]ve) (?:seen|heard|been)\b)",
    re.IGNORECASE,
)
TOLD_ON = re.compile(r"\W*(?:it|that|this|he|she|they) (?:was|were|came|had)\b", re.IGNORECASE)  # goes on telling after a comma
QUOTED = re.compile(r"[\"“”]([^\"“”]{2,80})[\"“”]")
EXCEPT = ("except", "anything but", "everything but", "anyone but", "everyone but")  # rule out all that follows
NO_NEGATION = {"not": ("only", "just"), "nothing": ("but",)}  # "not only comedies", "nothing but comedies"
NEGATION_REACH = 5  # words: "not as good or as gory as …" still reaches gory


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the message [start, end) with its words, and the places of those that a negator rules out."""

    start: int
    end: int
    words: tuple[Token, ...]
    ruled_out: frozenset[int]

    def rules_out(self, word: Token) -> bool:
        """Whether a negator before `word` reaches it."""
        return word.start in self.ruled_out

    @property
    def negation(self) -> frozenset[int]:
        """Where the words stand that are ruled out, and those that rule them out."""
        ruling = (w.start for w in self.words if self.ruled_out and w.text.lower() in NEGATORS | REFUSALS)
        return self.ruled_out.union(ruling)

    @property
    def negator(self) -> str:
        """The word that turns it negative."""
        return next((word.text for word in self.words if word.text.lower() in NEGATORS | REFUSALS), "not")


def clauses(message: str, whole: Sequence[tuple[int, int]] = ()) -> list[Clause]:
    """Stretches between punctuation and contrasting words; a quoted title is never cut, nor are the spans in `whole`."""
    quoted = [*(match.span() for match in QUOTED.finditer(message)), *whole]
    cuts = [match.span() for match in CUT.finditer(message)]
    cuts = [cut for cut in cuts if not any(start < cut[0] < end for start, end in quoted)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(message)]
    after_except = {end for start, end in cuts if message[start:end].lower().startswith(EXCEPT)}
    words = tokens(message)
    found: list[Clause] = []
    for start, end in zip(starts, ends, strict=True):
        inside = tuple(word for word in words if start <= word.start < end)
        if inside:
            found.append(Clause(start, end, inside, _ruled_out(inside, all_of_it=start in after_except)))
    return found


def told_only(message: str) -> list[tuple[int, int]]:
    """The stretches [start, end) that ask about something there is, or tell of it, and ask for nothing."""
    told: list[tuple[int, int]] = []
    for sentence in SENTENCE.finditer(message):
        text = sentence.group()
        if ABOUT.search(text):
            told.append(sentence.span())
            continue
        tells, end = TELLS.search(text), 0
        while tells:
            cut = CUT.search(text, tells.end())
            end = cut.end() if cut else len(text)
            tells = TOLD_ON.match(text, end) if cut else None
        if end:
            told.append((sentence.start(), sentence.start() + end))
    return told


def _ruled_out(words: tuple[Token, ...], *, all_of_it: bool) -> frozenset[int]:
    """Where the words stand that a negator rules out: the next few after it, more after each "or", "and", "nor"."""
    if all_of_it:
        return frozenset(word.start for word in words)
    out: set[int] = set()
    left = 0
    for at, word in enumerate(words):
        text = word.text.lower().replace("’", "'")
        following = words[at + 1].text.lower() if at + 1 < len(words) else ""
        before = words[at - 1].text.lower() if at else ""
        if text == "less" and following != "than":
            left = 1
        elif following in NO_NEGATION.get(text, ()) or (text == "not" and before == "why"):
            continue
        elif text in NEGATORS or (text in REFUSALS and following in REFUSED):
            left = NEGATION_REACH
        elif left and text in ("or", "and", "nor"):
            left = max(left, NEGATION_REACH - 1)
        elif left:
            out.add(word.start)
            left -= 1
    return frozenset(out)
