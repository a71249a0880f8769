"""What tells who somebody is, as it stands in texts: e-mail addresses, tokens, account, card and telephone numbers, links."""

import re

E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]*\w")
TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
BEARER = re.compile(r"(?i)\bbearer\s+\S+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
NUMBER = re.compile(r"(?<![\w.])(?:\+|\()?\d(?:[ ()/-]{0,2}\d){8,}(?!\w|\.\w)")  # telephones and cards
LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"“”]*[^\s<>\"“”.,;:!?)]")
