"""What a message is for, by the plain English that says so: start over, take back, ask why, chat, something else entirely."""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


OPENERS = r"^\W*(?:(?:and|but|so|ok|okay|hm+|wait|um|oh|interesting)\W+)*"
RESET = _any(
    r"\bstart (?:over|again|afresh|fresh|anew|from zero)\b",
    r"\b(?:reset|new search|clean slate|from (?:scratch|zero)|begin (?:again|anew|from))\b",
    r"\b(?:wipe (?:everything|all|it|the)|clear (?:everything|all|it all))\b",
    r"\bforget (?:everything|it all|all (?:of )?(?:that|this|it)|all i (?:said|told you))\b",
)
UNDO = _any(
    r"^\W*(?:(?:oops|no|sorry|wait|oh|hm+|please|actually|ah|argh|can you|could you)\W+)*(?:"
    r"(?:undo|take (?:that|it) back)(?: (?:that|it|this|the last(?: one| thing)?))?(?=\W*$|\s*[,.;!])(?:.*)"
    r"|(?:i )?take (?:that|it)(?: last (?:one|thing))? back|scrap that|scratch that|never ?mind(?: (?:that|it))?"
    r"|(?:forget|ignore|cancel) (?:that|the last one|it|what i just said|my last (?:message|one))|(?:go|one step) back"
    r"|that was (?:a mistake|wrong|an accident)|(?:i )?didn['’]?t mean (?:that|it|to)"
    r")\W*(?:please|thanks|sorry)?\W*$",
)
WHY = _any(
    OPENERS + r"(?:why\b(?! not\b)|how come\b|what makes (?:you|it|that|this)\b|what made you\b"
    r"|how did you (?:come|pick|choose|get|decide|find|know|end up)\b|explain\b|on what basis\b"
    r"|(?:can|could) you (?:explain|tell me) (?:why|the|that|how)\b|what has (?:that|this|it|the)\b.*\bto do with\b"
    r"|(?:(?:tell me )?what(?:['’]s| is| was) )?the (?:reason|logic|thinking|idea) (?:for|behind|of)\b)",
    r"\bwhy (?:did|do|would|are|have|is|was|should|exactly)\b",
    r"\bwhy (?:that|this|the \w+)(?: one)?\W*$|\bwhy\?",
)
OUTSIDE = _any(
    r"\b(?:the|for) weather\b(?=.*\?|\W*$)|\bforecast\b|\bmoney back\b|\b(?:send|give|bring) (?:it|them|this|that) back\b",
    r"\bat the (?:cinema|movies|theat(?:er|re))\b(?=.*\?)|\bwhat time (?:is|are|does)\b|\bshowtimes?\b|\bopening hours\b",
    r"\b(?:my|the|where(?:['’]s| is)) (?:order|parcel|delivery|shipment|refund|invoice|package|subscription|account)\b",
    r"\b(?:track|return|cancel|refund|exchange) (?:my|the|an|a|this|it)\b(?! (?:thing|one))",
    r"\b(?:return policy|shipping costs?|delivery times?|refunds?|gift ?card|voucher|coupon|(?:discount|promo) code)\b",
    r"\b(?:do|can|will) you (?:ship|deliver|price.?match|gift.?wrap|take (?:paypal|visa|cards?))\b",
    r"\bhow (?:long|much) (?:does|is|for|will) (?:the )?(?:shipping|delivery)\b",
    r"\b(?:book|buy|get|order|reserve)(?: me| us)? (?:\w+ )?(?:tickets?|a table|a seat|seats|a taxi|a flight|a? ?pizza"
    r"|popcorn)\b",
    r"\btickets? (?:for|to)\b|\bbook (?:me |us )?(?:an?|the) (?:flight|hotel|room|table|taxi|train)\b",
    r"\b(?:cinema|theat(?:er|re)) (?:near|close|around)\b|\b(?:when|what time) do you (?:open|close)\b",
    r"\b(?:tell|know|got) (?:me |us )?(?:a|any|another|some) (?:good )?jokes?\b|\bwho (?:won|is winning|will win)\b",
    r"\bwhat(?:['’]s| is) (?:the )?(?:time|date|day|capital|square root|meaning of life|latest news)\b|\bnews headlines\b",
    r"\b(?:translate|write|compose|draft)(?: me| us)? (?:this|that|a|an|my|it|some)\b(?=.*\b(?:poem|essay|e-?mail|letter"
    r"|into)\b)",
    r"\bpython (?:code|script)\b|\b(?:solve|calculate|compute)\b|\b\d+ ?[+*x×] ?\d+\b|\brecipe for\b|\bstock (?:market"
    r"|prices?)\b",
    r"\b(?:set|start) (?:an?|the) (?:alarm|timer|reminder)\b|\bremind me\b|\bplay (?:some |a |the )?(?:music|song|trailer)\b",
    r"\b(?:stream|watch|rent|download) (?:it|this|that|them|the \w+(?: one)?)"
    r"(?: (?:for free|online|on|anywhere|somewhere|right now|here))?\?",
    r"\bwhere can (?:i|we) (?:watch|stream|rent|see|download|find) (?:it|this|that|them|the)\b",
    r"\bon (?:netflix|disney|prime|hulu|hbo|amazon)\b(?=.*\?)|\b(?:speak|talk) (?:to|with) (?:a|an|your|the"
    r"|some)\w* ?(?:human|person|one)",
    r"\bcustomer (?:service|support)\b|\bhuman agent\b",
)
WANTED = _any(  # and yet such words stand in what is looked for: "a film where they solve a murder"
    r"\b(?:films?|movies?|something|anything|stor(?:y|ies)|looking for|recommend\w*|suggest\w*|mood for|wh(?:ere"
    r"|o) (?:they|he|she))\b"
)
HAILS = (
    r"(?:hi|hello|hey|yo|haha|lol|good (?:morning|evening|afternoon|day|night)|howdy|greetings|ok|okay|oh|well|so|and|thanks"
    r"|thank you|cheers|great|cool|nice)\b(?: there| again| everyone| so much| a lot| very much| parley| bot)*\W*"
)
SMALL_TALK = _any(
    rf"^\W*(?:{HAILS})*(?:"
    r"how are you(?: doing)?(?: today| this evening| tonight)?|how(?:['’]?s| is) it going|what(?:['’]s| is) (?:up|your name)"
    r"|who (?:are you|made you|built you)|what are you|what can you do|what do you do|how do(?:es)? (?:you|this) work"
    r"|are you (?:an?|really|even) (?:\w+ )?(?:human|robot|bot|ai|person|machine|real|program)(?: person)?|nice to meet you"
    r"|i(?:['’]m| am) (?:good|fine|great|well|ok|okay|bored|tired|back)(?:,? (?:thanks|thank you))?"
    r"|(?:that(?:['’]s| is| was)|you(?:['’]re| are)) (?:very |so |really )?"
    r"(?:helpful|kind|great|funny|nice|sweet|awesome|cute|all|it|a legend|the best)(?: for (?:now|today))?"
    r"|(?:see|talk to) you(?: later| soon| tomorrow| then)?|have a (?:nice|good|great|lovely) \w+|lol|haha+|hehe|ha|wow"
    r"|much appreciated|you(?:['’]re| are) welcome|good (?:bot|job|work)|well done|bye(?: bye)?|good ?night|goodbye|you rock"
    r"|no worries|same here|me too)?"
    r"(?: (?:then|too|yourself|you|today|now|mate|friend|buddy))*\W*(?:thanks|thank you|bye|cheers)?\W*$"
)
THANKS = _any(r"\b(?:thanks|thank you|thx|cheers|hello|good (?:morning|evening|night)|bye)\b")
QUESTION = _any(  # about an item named or pointed at, answered from its facts
    OPENERS + r"(?:how (?:long|old|heavy|much|big|many|sturdy|expensive|scary|violent|is|does|about the (?:price|length))"
    r"|what(?:['’]s| is| are| does| do| about the)?|who(?:['’]s)?|when|where|which|is|are|was|were|does|do|did|has|have"
    r"|can|could)"
    r"\b.*\?\W*$",
)
REQUEST = _any(  # and yet it asks for other items
    r"\b(?:show|find|recommend|suggest|give|like (?:the|that|it|this)|similar|something|anything|others?|another|else|instead"
    r"|come any|any \w+er|more of|what about|how about)\b",
)
ELSE = _any(  # after a slate: go on with what is looked for, without what was shown
    r"\b(?:something|anything|what|show me|got anything) (?:else|different)\b|\bnone of (?:these|those|them|it)\b",
    r"\b(?:any|some|what|show me) others?\b(?! (?:than|time|day|night|evening|weekend))|\b(?:show me|any|some"
    r"|few) more\b(?! \w+ than)|\bnot (?:these|those)\b",
    r"(?:^|[.!?,;]\s*)(?:next|more|others?|go on|keep going)(?: please)?\W*$|\bkeep (?:them|['’]?em) coming\b|\bwhat else\b",
    r"\bthe next (?:ones|few|batch|lot)\b",
)
OF_THESE = _any(  # what was shown is too much or too little of something: measured against it
    r"\b(?:th[eo]se|they|all of (?:them|these|those))(?:['’]re| are| were| look| seem| feel)\b",
)
NOT_FOR_ME = _any(  # of all that was shown, where nothing is pointed at
    r"\bnot (?:really |quite |exactly )?(?:my (?:thing|style|cup of tea|taste)|for me|doing it for me|convinced|there yet"
    r"|what i(?:['’]m| am| was| had| want)|feeling (?:it|any|these))\b",
    r"\b(?:don['’]?t|doesn['’]?t) (?:do it|work) for me\b|^\W*(?:nah|nope|meh|no)\W*$",
)
