"""Which sentences of a message set no condition: they ask about something there is, tell of it, or say what somebody likes."""

import re

from bot.clauses import CUT

SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
ABOUT = re.compile(  # asks about something there is, or tells of it, and asks for nothing: no condition can stand in it
    r"^\W*(?:(?:oh|and|so|but|ok|okay|well|hmm|yes|yeah|no)\W+)*(?:"
    r"(?:is|was|are|were|isn['’]t|wasn['’]t|does|did|has|had|who) (?:it|this|that|he|she|they|also|is|was|else)\b.*\?"
    r"|have you (?:seen|heard|watched|read|tried)\b.*\?|did(?:n['’]?t)? you know\b"
    r"|you (?:do|don['’]?t|did|didn['’]?t|like|love)\b.*\?"
    r"|i(?:['’]ve| have| had|['’]m| am)? (?:no idea|not (?:really |very |that )?familiar|never heard)\b"
    r"|i (?:just |recently |already |last )*(?:watched|saw|finished)\b)",
    re.IGNORECASE,
)
TELLS = re.compile(  # so begins a sentence that describes something; what follows its first comma may ask again
    r"^\W*(?:(?:oh|and|so|but|ok|okay|well|hmm|yes|yea|yeah|no|actually|definitely)\W+)*(?:"
    r"(?:i (?:think|thought|believe|guess|heard) (?:that )?)?(?:it|that|this|he|she|they|my favou?rite \w+)"
    r"(?:['’]?s| is| was| came| has| had)\b"
    r"(?! (?:for|too|so|important|has to|had to|ha[sd] to)\b)"
    r"|(?:isn['’]?t|wasn['’]?t|wasnt|isnt|did(?:n['’]?t)?) (?:it|that|this|he|she|they|those)\b"
    r"|i (?:really |also |just |do |did )*(?:used to|thought|enjoyed|loved|saw|see|heard)\b"
    r"|i(?: have| had|['’]ve) (?:seen|heard|been)\b|you (?:can['’]?t|cannot) (?:dislike|hate)\b)",
    re.IGNORECASE,
)
TOLD_ON = re.compile(  # goes on telling after a comma
    r"\W*(?:and\W+)?(?:it|that|this|he|she|they) (?:was|were|came|had|sounded|looked)\b|\W*i (?:thought|heard|saw)\b",
    re.IGNORECASE,
)
OF_NAMED = re.compile(r"^\W*[A-Z]\w+(?: [A-Z][\w.'’-]*)+ (?:is|was|has|had|plays|played)\b(?! who| what)")  # "Tom Hanks is …"
BESIDE = re.compile(
    r"\bat the (?:cinema|movies)\b|\bon (?:a|the) (?:plane|train|bus)\b|\b(?:get|got|go|come|came|back|way|at) home\b"
    r"|\b(?:in|to|into) (?:my|the|your) (?:basket|cart|bag|watch ?list|list|queue)\b|\bto death\b|\b(?:film|art|drama) school\b"
    r"|\b(?:my|our|her|his|their) (?:sister|brother|mother|father|mum|mom|dad|wife|husband|boyfriend|girlfriend|partner"
    r"|boss|uncle"
    r"|aunt|grandma|grandpa|grandmother|grandfather)s?\b(?!['’]s (?:film|book))",
    re.IGNORECASE,
)
OTHERS = "ex|boss|teacher|friend|neighbou?r|colleague|dentist|room ?mate|flat ?mate|landlord|cousin"
THIRD = re.compile(  # tells of somebody else or of what happened: not even a wish
    r"(?:^|[,;:]) ?\W*(?:(?:oh|and|so|but|ok|okay|well|hmm|yes|yeah|no|right|actually)\W+)*"
    rf"(?:my (?:{OTHERS})s?(?: \w+)? (?:was|is|were|are|had|has|used to|says|said|loves?|hates?)\b"
    r"|(?:we|i)(?: have|['’]ve)? (?:just|recently|finally) (?:moved|married|had|came|come|got back|finished|started|bought)\b"
    r"|(?:there(?:['’]?s| are| is| were) (?!\w+ of us))|once (?:i|we)\b"
    r"|last (?:year|week|night|time|month|summer|winter|christmas) (?:i|we)\b)",
    re.IGNORECASE,
)
LIKING = re.compile(  # so begins a sentence about what somebody takes to at all times: wishes, no conditions
    r"^\W*(?:(?:oh|and|so|but|ok|okay|well|hmm|yes|yea|yeah|no|hello|hi|hey|actually|definitely|honestly)\W+)*"
    r"(?:i(?:['’]?m| am)? (?:(?:really|also|usually|mostly|generally|normally|always|just|pretty|much|only|do|tend|to|kind|of|"
    r"a|big|huge|on|have|been|recently)\s+)*"
    r"(?:like|love|enjoy|adore|watch|watching|prefer|lean|into|in|fan|sucker|big on|grew up)\b"
    r"|my (?:favou?rites?|go-to|taste)\b)",
    re.IGNORECASE,
)
ASKS = re.compile(  # and yet such a sentence asks
    r"\b(?:wants?|looking|find|need|show|give|recommend\w*|suggest\w*|please|can you|could you|would like|tonight|today|now)\b",
    re.IGNORECASE,
)


def told_only(message: str) -> list[tuple[int, int]]:
    """The stretches [start, end) that ask about something there is, or tell of it, and ask for nothing."""
    told: list[tuple[int, int]] = []
    for sentence in SENTENCE.finditer(message):
        text = sentence.group()
        if ABOUT.search(text):
            told.append(sentence.span())
            continue
        tells, end = TELLS.search(text) or OF_NAMED.search(text), 0
        while tells:
            cut = CUT.search(text, tells.end())
            end = cut.end() if cut else len(text)
            tells = TOLD_ON.match(text, end) if cut else None
        if end:
            told.append((sentence.start(), sentence.start() + end))
    return told


def beside_the_point(message: str) -> list[tuple[int, int]]:
    """Where words stand that only say where or when something was: "at the cinema", "when I get home"."""
    return [match.span() for match in BESIDE.finditer(message)]


def of_others(message: str) -> list[tuple[int, int]]:
    """The stretches [start, end) that tell of somebody else, or of what once happened, and ask for nothing."""
    found: list[tuple[int, int]] = []
    for sentence in SENTENCE.finditer(message):
        told = THIRD.search(sentence.group())
        if told and not ASKS.search(sentence.group()[told.start() :]):
            found.append((sentence.start() + told.start(), sentence.end()))
    return found


def liking(message: str) -> list[tuple[int, int]]:
    """The sentences [start, end) that tell what somebody likes at all times and ask for nothing now."""
    sentences = (sentence for sentence in SENTENCE.finditer(message) if LIKING.search(sentence.group()))
    return [sentence.span() for sentence in sentences if not ASKS.search(sentence.group())]
