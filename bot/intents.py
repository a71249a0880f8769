"""What a message is for, by the plain English that says so: start over, take back, ask why, chat, or something else entirely."""

import re

RESET = re.compile(
    r"\b(?:start (?:over|again|afresh|fresh|anew|from zero)|reset|begin (?:again|anew|from)|new search|clean slate|wipe (?:everything|all|it|the)|clear (?:everything|all|it all)|from (?:scratch|zero)"
    r"|forget (?:everything|it all|all (?:of )?(?:that|this|it)|all i (?:said|told you)))\b",
    re.IGNORECASE,
)
UNDO = re.compile(
    r"^\W*(?:(?:oops|no|sorry|wait|oh|hmm|please|actually|ah|argh|can you|could you)\W+)*(?:(?:undo|take (?:that|it) back)(?: (?:that|it|this|the last(?: one| thing)?))?(?=\W*$|\s*[,.;!])(?:.*)"
    r"|(?:i )?take (?:that|it)(?: last (?:one|thing))? back|scrap that|scratch that|never ?mind(?: (?:that|it))?|(?:forget|ignore|cancel) (?:that|the last one|it|what i just said|my last (?:message|one))"
    r"|(?:go|one step) back|that was (?:a mistake|wrong|an accident)|(?:i )?didn['’]?t mean (?:that|it|to))\W*(?:please|thanks|sorry)?\W*$",
    re.IGNORECASE,
)
WHY = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|hm+|wait|um|interesting)\W+)*(?:why\b(?! not\b)|how come\b|what makes (?:you|it|that|this)\b|what made you\b"
    r"|how did you (?:come|pick|choose|get|decide|find|know|end up)\b|(?:can|could) you (?:explain|tell me) (?:why|the|that|how)\b|explain\b|on what basis\b|(?:what(?:['’]s| is| was) )?the (?:reason|logic|thinking|idea) (?:for|behind|of)\b"
    r"|(?:tell me )?what(?:['’]s| is) the reason\b|what has (?:that|this|it|the)\b.*\bto do with\b)"
    r"|\bwhy (?:did|do|would|are|have|is|was|should|exactly)\b|\bwhy (?:that|this|the \w+)(?: one)?\W*$|\bwhy\?",
    re.IGNORECASE,
)
OUTSIDE = re.compile(
    r"\b(?:the|for) weather\b(?=.*\?|\W*$)|\bmoney back\b|\b(?:send|give|bring) (?:it|them|this|that) back\b|\bat the (?:cinema|movies|theat(?:er|re))\b(?=.*\?)|\bwhat time (?:is|are|does)\b|\bforecast\b|\b(?:my|the|an|this|that|where(?:['’]s| is)) (?:order|parcel|delivery|shipment|refund|invoice|package|subscription|account)\b"
    r"|\b(?:track|return|cancel|refund|exchange) (?:my|the|an|a|this|it)\b(?! (?:thing|one))|\b(?:return policy|shipping costs?|delivery times?|refunds?|warranty claim|gift ?card|voucher|coupon|discount code|promo code)\b"
    r"|\b(?:do|can|will) you (?:ship|deliver|price.?match|gift.?wrap|take (?:paypal|visa|cards?))\b|\bhow (?:long|much) (?:does|is|for|will) (?:the )?(?:shipping|delivery)\b"
    r"|\b(?:book|buy|get|order|reserve)(?: me| us)? (?:\w+ )?(?:tickets?|a table|a seat|seats|a taxi|a flight|a pizza|pizza|popcorn|a hotel)\b|\btickets? (?:for|to)\b|\b(?:cinema|theat(?:er|re)) (?:near|close|around)\b|\bshowtimes?\b"
    r"|\b(?:tell|know|got) (?:me |us )?(?:a|any|another|some) (?:good )?jokes?\b|\bwho (?:won|is winning|will win)\b|\bwhat(?:['’]s| is) (?:the )?(?:time|date|day|capital|square root|meaning of life|latest news)\b|\bnews (?:today|headlines)\b"
    r"|\b(?:translate|write|compose|draft)(?: me| us)? (?:this|that|a|an|my|it|some)\b(?=.* (?:poem|essay|code|e-?mail|letter|song|into|to|script|cv|function))|\bpython (?:code|script)\b|\b(?:solve|calculate|compute)\b|\b\d+ ?[+*x×] ?\d+\b"
    r"|\brecipe\b|\bstock (?:market|prices?)\b|\bbitcoin\b|\b(?:set|start) (?:an?|the) (?:alarm|timer|reminder)\b|\bremind me\b|\bcall (?:me|my|a|the)\b(?! by)|\bplay (?:some |a |the )?(?:music|song|trailer)\b"
    r"|\b(?:stream|watch|rent|download) (?:it|this|that|them|the \w+(?: one)?)(?: (?:for free|online|on|anywhere|somewhere|right now|here))?\?|\bwhere can (?:i|we) (?:watch|stream|rent|see|download|find) (?:it|this|that|them|the)\b|\b(?:is|are) (?:it|they|this|that) on (?:netflix|disney|prime|hulu|hbo|amazon)\b"
    r"|\bopening hours\b|\b(?:when|what time) do you (?:open|close)\b|\bspeak (?:to|with) (?:a|an|your|the|someone|somebody)\b|\bcustomer (?:service|support)\b|\bhuman (?:agent|being)\b|\bbook (?:me|us)? ?(?:a|an|the)\b (?:flight|hotel|room|table|taxi|train)",
    re.IGNORECASE,
)
SMALL_TALK = re.compile(
    r"^\W*(?:(?:hi|hello|hey|yo|haha|lol|good (?:morning|evening|afternoon|day|night)|howdy|greetings|ok|okay|oh|well|so|and|thanks|thank you|cheers|great|cool|nice)\b(?: there| again| everyone| so much| a lot| very much| parley| bot)*\W*)*"
    r"(?:how are you(?: doing)?(?: today| this evening| tonight)?|how(?:['’]?s| is) it going|what(?:['’]s| is) (?:up|your name)|who (?:are you|made you|built you)|what are you|are you (?:an?|really|even) (?:\w+ )?(?:human|robot|bot|ai|person|machine|real|program)(?: person)?|nice to meet you"
    r"|what can you do|what do you do|how do(?:es)? (?:you|this) work|i(?:['’]m| am) (?:good|fine|great|well|ok|okay|bored|tired|back)(?:,? (?:thanks|thank you))?|(?:that(?:['’]s| is| was)|you(?:['’]re| are)) (?:very |so |really )?(?:helpful|kind|great|funny|nice|sweet|awesome|cute|all|it|a legend|the best)(?: for (?:now|today))?"
    r"|(?:see|talk to) you(?: later| soon| tomorrow| then)?|have a (?:nice|good|great|lovely) \w+|lol|haha+|hehe|ha|wow|much appreciated|you(?:['’]re| are) welcome|good (?:bot|job|work)|well done|bye(?: bye)?|good ?night|goodbye|you rock|no worries|same here|me too)?"
    r"(?: (?:then|too|yourself|you|today|now|mate|friend|buddy))*\W*(?:thanks|thank you|bye|cheers)?\W*$",
    re.IGNORECASE,
)
QUESTION = re.compile(  # about an item named or pointed at, answered from its facts
    r"^\W*(?:(?:and|but|so|ok|okay|hmm|wait|oh)\W+)*(?:how (?:long|old|heavy|much|big|many|sturdy|expensive|scary|violent|is|does|about the (?:price|length))|what(?:['’]s| is| are| does| do| about the)?|who(?:['’]s)?"
    r"|when|where|which|is|are|was|were|does|do|did|has|have|can|could)\b.*\?\W*$",
    re.IGNORECASE,
)
REQUEST = re.compile(  # and yet it asks for other items
    r"\b(?:show|find|recommend|suggest|give|like (?:the|that|it|this)|similar|something|anything|others?|another|else|instead|come any|any \\w+er|more of|what about|how about)\b",
    re.IGNORECASE,
)
