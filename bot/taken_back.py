"""What a message takes back of what was said before: "forget what I said about westerns", "horror is fine after all"."""

import re
from collections.abc import Iterator

from bot.clauses import clauses
from bot.phrases import Phrases, tokens
from bot.purging import ABOUT, ITEM
from bot.words import REQUEST_WORDS
from retrieval.catalogue import Catalogue
from retrieval.lexical import common_words

LEAD = r"^\W*(?:(?:ok|okay|actually|oh|well|and|so|no|hmm|please|sorry|wait|you know what|on second thought|then)\W+)*"
TOPIC = r"(?P<topic>[^,.;!?]+?)"
FORGET = re.compile(  # what follows is no longer to count
    rf"{LEAD}(?:(?:please |just |you can |let['’]?s )*(?:forget|ignore|drop|disregard|never ?mind|scratch|skip|lift|remove"
    rf"|leave out)"
    r"(?: (?:about|what i (?:said|told you|wrote)(?: (?:before|earlier))?(?: about)?|i (?:ever )?(?:said"
    r"|mentioned)(?: about)?))*"
    rf" (?:the (?:thing|bit|part) (?:about|with) )?(?:my |the |that |any |all )?{TOPIC})(?:(?: i (?:said|mentioned"
    rf"|told you).*)?)\W*$",
    re.IGNORECASE,
)
IDLE = re.compile(  # before these words stands what does not count any more
    rf"{LEAD}(?:the |my )?{TOPIC} (?:(?:does|do|is)(?:n['’]?t| not)(?: really)? (?:matter|important|an issue|a problem"
    rf"|so important)|is no object"
    r"|(?:is|are|would be|['’]s|['’]re)(?: totally| perfectly| actually| quite)? (?:fine|ok|okay|alright|all right"
    r"|allowed|good|welcome|possible)"
    r"(?: (?:after all|again|now|too|as well|by me|with me))+|(?:can|could|may) (?:stay|come back|be back|be (?:anything"
    r"|whatever))"
    r"|(?:does|do)(?:n['’]?t| not) (?:bother|scare|worry) me)\b",
    re.IGNORECASE,
)
CARELESS = re.compile(  # after these words too
    rf"{LEAD}(?:i|we) (?:(?:do|did)(?:n['’]?t| not)(?: really)? (?:care|mind|worry)|am fine with|['’]m fine with)(?: about"
    rf"| if (?:it['’]s|it is|they['’]re))?"
    rf" (?:the |a |an |any |some |what |which )?{TOPIC}(?: (?:any ?more|after all|now|so much|either|it is))*\W*$"
    rf"|{LEAD}(?:any|whatever) (?P<any>\w+)(?: (?:is|are|will|would)(?: be| do)?(?: fine| ok| okay| do)?)\b"
    rf"|\b(?:it|they|that|those) (?:does|do)(?:n['’]?t| not) (?:have|need) to be (?P<be>[^,.;!?]+)"
    rf"|{LEAD}no (?P<no>\w+) (?:limit|cap|preference)\b|{LEAD}bring back (?:the )?(?P<back>[^,.;!?]+)",
    re.IGNORECASE,
)
INSTEAD = re.compile(  # what follows stands in the place of what was said before
    r"^\W*(?:(?:no|nope|oh|oops|sorry|wait|hmm|ah|actually|argh)\W+)*(?:(?:i|what i) (?:actually |really )?(?:mean"
    r"|meant)(?: was| to say)?"
    r"|(?:i )?(?:misspoke|mistyped|meant to (?:say|type))|(?:that was a typo|correction|let me rephrase))\b(?! it\b| to )",
    re.IGNORECASE,
)


def taken_back(message: str, catalogue: Catalogue, phrases: Phrases) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The targets that do not count any more, as corrections name them, and the stretches of the message that say so."""
    targets: list[str] = []
    spans: list[tuple[int, int]] = []
    for clause in clauses(message):
        text = message[clause.start : clause.end]
        for match in filter(None, (form.search(text) for form in (FORGET, IDLE, CARELESS))):
            topic = next((told for told in match.groupdict().values() if told), "")
            found = [*dict.fromkeys(named_in(topic, catalogue, phrases))]
            if found:
                targets += found
                spans.append((clause.start, clause.end))
                break
    return tuple(dict.fromkeys(targets)), spans


def named_in(topic: str, catalogue: Catalogue, phrases: Phrases) -> Iterator[str]:
    """What a topic names, as targets: items, facet values, facets by a word of theirs."""
    words = tokens(topic)
    telling = [word for word in words if word.text.lower() not in common_words() | REQUEST_WORDS]
    for place in phrases.find(words):
        short = place.end - place.start == 1 and words[place.start] not in telling
        if short or 2 * (place.end - place.start) < len(telling):  # "I don't mind going back in time" is not about time
            continue
        items = [phrase for phrase in place.phrases if phrase.kind == "item"]
        if items and words[place.start].text[0].isupper():
            yield f"{ITEM}{items[0].value}"
            continue
        for phrase in place.phrases:
            if phrase.kind != "item":
                yield f"{ABOUT}{phrase.facet}={phrase.value if phrase.kind == 'value' else ''}"
    said = " ".join(word.text.lower() for word in words)
    for name, facet in catalogue.facets.items():
        if any(f" {one} " in f" {said} " for one in (name.lower(), facet.label.lower(), *facet.called)):
            yield f"{ABOUT}{name}="
