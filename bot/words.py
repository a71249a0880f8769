"""The plain English words that understanding goes by: what turns a clause negative, what people say around a wish."""

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATORS = _set(
    "not no nothing none nobody nowhere without avoid except exclude excluding minus nor neither skip hate hates hated dislike "
    "disliked"
)
REFUSALS = _set("don't dont doesn't can't cannot won't never isn't aren't wasn't didn't")  # negate what they govern
REFUSED = _set(
    "want like need care fancy enjoy stand show give recommend suggest do handle take stomach bear be deal tolerate eat"
)  # "don't want …"
SOFTENERS = _set("too very so that really overly less")  # "not too dark" is a wish, "not dark" a condition
ONLY = _set("only must strictly exclusively")
LIKED = _set("like likes liked love loves loved loving enjoy enjoyed adore adored favourite favorite similar")
DISLIKED = _set("hate hated disliked dislike boring awful terrible couldn't meh nah ugh ugly hideous dull rubbish bland")
SEEN = re.compile(
    r"\b(?:have|has|i've|we've|already|i|we)\s+(?:already\s+|just\s+)?(?:seen|watched|read|own|owned|bought|saw|know|caught|got|had)\b"
    r"|\b(?:i|we)['’]ve had\b|^\W*(?:had|seen|watched|saw|caught|got|own)\b|\b(?:cried|wept|laughed|sobbed|slept"
    r"|fell asleep)\b.* (?:at|during|in|through)\b",
    re.IGNORECASE,
)
INTERJECTIONS = _set(
    """no nope yes yeah yep sorry excellent boy man help once stuff great good fine cool wow okay ok well right sure thanks oh
    hey hi hello please nice perfect super"""
)  # words that begin a sentence and are titles too
PLACE_CUES = _set("in at near around from about for during")  # before a place or a time, not before a title
NAME_CUES = _set("by with starring directed featuring from like new loved love")  # before somebody's name
NO_NAME_CUES = _set("the in at near to")
TITLE_CUES = _set(
    """like liked love loved enjoy enjoyed saw seen watch watched watching hate hated than called titled as of to is was
    favourite favorite adore adored rewatched about and or"""
)

# Words that say that something is asked for, and nothing of what: they are kept out of the search text.
REQUEST_WORDS = _set(
    """a an the i me my we us our you your it its is are was be been am do does did have has had can could would should
    will want wants wanted need needs needed looking look find show give get recommend recommendation recommendations
    suggest suggestion suggestions something anything some any thing things one ones film films movie movies item items
    product products watch watching watched see seeing seen like liked similar please thanks thank hi hello hey maybe
    perhaps really very just also kind sort type of for with that which who where and or in on at to from tonight today
    evening good great nice best love loved enjoy enjoyed prefer mood feel feeling i'm i'd i've we're let's what about
    how more less other else too so if there this these those by as im id dont not no without but only know think got
    set made make title titles pick picks choose help favourite favorite something's idea ideas up then now than
    fan fans rather time times looks look looking well better best worse worst
    instead ask already saw out second first third fourth fifth last year old kinda lot lots bit little much
    many"""
)
GREETINGS = _set("hi hello hey thanks thank cheers bye goodbye ok okay cool great yes no")

WORD_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "twenty": 20, "fifty": 50, "hundred": 100, "thirty": 30, "forty": 40,
    "a hundred": 100, "one hundred": 100, "two hundred": 200, "three hundred": 300, "a thousand": 1_000,
    "half a": 0.5, "half an": 0.5, "an": 1, "a": 1,
}  # fmt: skip
DECADES = {
    "twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
    "eighties": 1980, "nineties": 1990, "noughties": 2000,
}  # fmt: skip
ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
}  # fmt: skip

# Words of a sentence about an item that state nothing of the item: what is left of a sentence must be carried by facts.
SPEAKING_WORDS = _set(
    """film films movie movies story stories item items product products one ones tale picture piece set sets tells tell
    told follows follow following shows show centres centers involves features feature featuring starring stars star
    directed director made released release takes take offers offer gives give brings bring mixes mix blends blend
    combines combine explores explore deals deal world life time suits suit fits fit match matches matching choice pick
    here also both well want wanted wants ask asked asking like liked likes love loved enjoy enjoyed request requested
    look looking need mentioned named said since year years minutes minute runtime long lasts rated genre genres mood
    themes theme kind right good great sure touch elements element heart plays play into onto while them they that's
    it's there's you'll you're you've might may with without among between around make makes full set where whose
    runs run watch watching try viewer viewers someone anyone person people who comes come based dealing close closest
    similar listed though although another along rather together upon toward towards beside besides until unless
    meanwhile much first last next near different still goes go gets get keeps keep turns turn holds hold belongs belong
    shares share describe described mention mentioned answer answers wish wishes remember remembered"""
)
