"""Prints slot precision, recall and F1 by kind: `python -m tests.utterances [first|second|third] [--show] [--model NAME]`.

With --model NAME (as the setting language_model takes it) the model proposes what the rules did not read.
"""

import argparse
import time

from bot.deltas import deltas
from bot.language_model import open_language_model
from bot.proposals import Proposals
from bot.settings import read_settings
from bot.understanding import Understander
from retrieval.catalogue import read_catalogue
from tests.utterances import HALVES, counted, lines, table, utterances

asked = argparse.ArgumentParser(prog="python -m tests.utterances")
asked.add_argument("parts", nargs="*", default=list(HALVES))
asked.add_argument("--show", action="store_true")
asked.add_argument("--model", default="")
given = asked.parse_args()

catalogues = {name: read_catalogue(name) for name in ("films", "shop")}
understanders = {name: Understander(catalogue) for name, catalogue in catalogues.items()}
model = open_language_model(read_settings(language_model=given.model), "item") if given.model else None
proposals = {name: Proposals(catalogue, model.chat) for name, catalogue in catalogues.items() if model and model.chat}
seconds, told = [], {}


def understood(utterance):
    if utterance.id not in told:
        found = understanders[utterance.catalogue].understand(utterance.says, utterance.slate)
        before, started = found, time.perf_counter()
        if proposals:
            found = proposals[utterance.catalogue].added(utterance.says, found, utterance.slate)
            seconds.append(time.perf_counter() - started)
            if given.show and found != before:
                print(
                    utterance.id, utterance.says, "\n    proposed", [one for one in deltas(found) if one not in deltas(before)]
                )
        told[utterance.id] = found
    return told[utterance.id]


for part in given.parts:
    print(part, *lines(table(part, understood, catalogues)), sep="\n")
    for utterance in utterances(part) if given.show else ():
        count = counted(utterance, understood(utterance), catalogues[utterance.catalogue])
        if count.wrong or count.missed:
            print(f"{utterance.id} [{utterance.about}] {utterance.says}\n    missed {count.missed}\n    wrong  {count.wrong}")
if seconds:
    print(f"the model: {sum(each > 0.01 for each in seconds)} of {len(seconds)} messages asked, {sum(seconds):.0f} s")
if model:
    model.close()
