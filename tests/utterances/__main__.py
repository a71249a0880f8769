"""Prints slot precision, recall and F1 by kind: `python -m tests.utterances [first|second] [--show]`, no language model."""

import sys

from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from tests.utterances import counted, lines, table, utterances

halves = [half for half in sys.argv[1:] if not half.startswith("-")] or ["first", "second"]
catalogues = {name: read_catalogue(name) for name in ("films", "shop")}
understanders = {name: Understander(catalogue) for name, catalogue in catalogues.items()}


def understood(utterance):
    return understanders[utterance.catalogue].understand(utterance.says, utterance.slate)


for half in halves:
    print(half, *lines(table(half, understood, catalogues)), sep="\n")
    for utterance in utterances(half) if "--show" in sys.argv else ():
        count = counted(utterance, understood(utterance), catalogues[utterance.catalogue])
        if count.wrong or count.missed:
            print(f"{utterance.id} [{utterance.about}] {utterance.says}\n    missed {count.missed}\n    wrong  {count.wrong}")
