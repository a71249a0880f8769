"""How a message speaks of an item it names or points at: liked, disliked, known, not now, never again, taken."""

import re

from bot.clauses import Clause
from bot.phrases import Token
from bot.session import Mention
from bot.words import DISLIKED, LIKED, SEEN

UNSEEN = re.compile(
    r"\b(?:not|never|n[o']?t yet|haven['’]?t|hasn['’]?t|didn['’]?t)\s+(?:\w+\s+)?(?:seen|watched|read|see|watch|tried|own"
    r"|bought)\b",
    re.IGNORECASE,
)
KNOWN = re.compile(  # before or after an item that was shown: "already got the second one", "the first is one I know"
    r"\balready\b|\b(?:i|we)(?:['’]ve| have)?(?: already| just)? (?:got|have|own|know|saw|watched|bought|seen|tried)\b"
    r"|^\W*(?:seen|watched|got|own|know|have)\b",
    re.IGNORECASE,
)
LATER = re.compile(
    r"\bnot (?:now|today|tonight|right now|this time|just now|at the moment|yet|this (?:week|evening|month))\b"
    r"|\b(?:maybe|perhaps|for|some|until|till|watch it|get it|decide) later\b|\blater\W*$"
    r"|\bwaits? (?:till|until)\b|\b(?:has|have|will have) to wait\b|\bthink (?:about|it over)\b|\bmaybe (?:once|when"
    r"|if)\b|\bonce i['’]ve\b"
    r"|\b(?:another|some ?other) (?:time|day|night|evening|weekend)\b|\bnext (?:time|week|month|weekend)\b"
    r"|\bsave (?:it|that|this|the)\b|\bkeep (?:it|that|this|the \w+(?: one)?) (?:for|in mind)\b|\bmaybe (?:tomorrow"
    r"|at the weekend)\b",
    re.IGNORECASE,
)
NEVER = re.compile(
    r"\b(?:never|don['’]?t (?:ever )?|do not (?:ever )?|stop|quit)\s*(?:want to )?(?:show|showing|suggest|suggesting"
    r"|recommend|recommending|"
    r"see|offer|offering)\b|\b(?:hide|remove|ban|block|get rid of|take away|kick out|lose|throw out)\b",
    re.IGNORECASE,
)
ACCEPTED = re.compile(  # right before an item, or "it is" after it
    r"\b(?:i['’]?ll|i will|we['’]?ll|let['’]?s|gonna|going to|i['’]?m going|we['’]?re going|i want to|i['’]?d like to)\s+"
    r"(?:watch|take|buy|get|have|go (?:with|for)|with|for|try|order|pick|choose|see|do)(?: the| that| this)?\s*$"
    r"|(?:\b(?:i|we)(?:['’]m| am|['’]re| are)|^|[,.;!]|\bthen)\s*(?:just )?(?:going with|going for|getting|taking|buying"
    r"|ordering|watching|picking|choosing)(?: the| that| this| a| an)?\s*$"
    r"|\b(?:sold on|add|put|order|buy)\s*$|^\W*(?:ok(?:ay)?|yes|yeah|yep|great|perfect|alright|fine|deal"
    r"|cool)\W*(?:then )?\s*$",
    re.IGNORECASE,
)
ACCEPTED_AFTER = re.compile(
    r"^\W*(?:it is|it['’]s going to be|sold|wins|will do|then|that['’]s the one|is the one)\b\W*(?:$|[,.!])"
    r"|\bthat['’]s the one\b|^\W*(?:to|in|into) (?:my|the) (?:cart|basket)\b",
    re.IGNORECASE,
)
AWAY = re.compile(r"^\W*(?:away|out|off)\b", re.IGNORECASE)  # "take the second one away"
TAKE = re.compile(r"\b(?:take|leave|put|throw) *$", re.IGNORECASE)
TOO = re.compile(  # "the first is too expensive": no verdict on it, but what the others are measured against
    r"^\W*(?:(?:is|was|are|looks|seems|sounds|['’]s)\s+)?(?:(?:a bit|way|far|just|all|much|still)\s+)*too\b(?!\W*$)",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?\n]")
LET_DOWN = re.compile(  # what follows an item that was no good
    r"\b(?:didn['’]?t|don['’]?t|doesn['’]?t|wasn['’]?t|isn['’]?t|not) (?:really |quite |very |that |so )*"
    r"(?:think much of|care for|enjoy|work|last|do it for|impress|great|good|my thing|for me|my cup of tea|my style|keen"
    r"|worth)\b"
    r"|\b(?:gave up on|fell apart|broke|let (?:me|us) down|disappoint\w*|waste of|hideous|ugly|meh|rubbish|dull|awful"
    r"|terrible|boring)\b",
    re.IGNORECASE,
)
THAN = re.compile(r"\bthan\s*(?:the\s*)?$|\bcompared (?:to|with)\s*(?:the\s*)?$", re.IGNORECASE)


def spoken_of(
    item: str, clause: Clause, words: list[Token], at: int, message: str, *,
    named: int = 1, ends: int = 0, until: int | None = None,
) -> Mention:  # fmt: skip
    """How a clause speaks of an item whose name begins at the word `at` and has so many words `named`, which say nothing of it.

    `ends`: the character where it ends that points at the item on the slate; 0 where the item is named. What follows in the
    same sentence, up to the character `until`, tells of it too: "the second, hideous".
    """
    shown = bool(ends)
    said = message[clause.start : clause.end].strip()
    before = message[clause.start : words[at].start]
    after = SENTENCE_END.split(message[ends or words[at + named - 1].end : until])[0]
    compared = bool(THAN.search(before)) or (shown and bool(TOO.search(after)))
    if UNSEEN.search(before) or compared:
        return Mention(item, 0.0, False, said, compared=compared)
    if LATER.search(f"{before} {after}"):
        return Mention(item, 0.0, False, said, later=True)
    seen = bool(SEEN.search(before)) or "already" in said.lower() or (shown and bool(KNOWN.search(said)))
    removed = bool(NEVER.search(before)) or bool(TAKE.search(before) and AWAY.search(after))
    against = speaks_against(clause, words, at, at + named) or bool(LET_DOWN.search(after)) or (shown and removed)
    return Mention(item, -1.0 if against else 1.0, seen, said)


def accepts(message: str, start: int, end: int) -> bool:
    """Whether what stands at [start, end) of a message is what the user takes."""
    return bool(ACCEPTED.search(message[:start]) or ACCEPTED_AFTER.search(message[end:]))


def speaks_against(clause: Clause, words: list[Token], at: int, end: int) -> bool:
    """Whether the words at [at, end) are spoken of with dislike: the last such word before them decides, else any after."""
    if clause.rules_out(words[at]):
        return True
    before = [word.text.lower() for word in words[:at] if word.text.lower() in LIKED | DISLIKED]
    after = [word.text.lower() for word in words[end:] if word.text.lower() in DISLIKED]
    return before[-1] in DISLIKED if before else bool(after)
