"""Takes in logged conversations, row by row checked, for the memory of what is taken after which words."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bot.dialogues import Dialogue, read_dialogues
from bot.events import EventLog
from bot.import_events import Report, batches
from bot.understanding import Understander
from retrieval.catalogue import Catalogue
from retrieval.rows import BadRow


def import_dialogues(file: Path, log: EventLog, catalogue: Catalogue) -> Report:
    """Write the dialogues of `file` into `log`; running it again adds nothing.

    Rows that do not say which items were mentioned have them linked from the words. Raises CatalogueError when the file
    cannot be read.
    """
    bad: list[BadRow] = []
    understander = Understander(catalogue)
    new = total = 0
    for batch in batches(_good(read_dialogues(file, catalogue), bad)):
        new += log.append_dialogues([_linked(dialogue, understander) for dialogue in batch])
        total += len(batch)
    return Report(new, total - new, tuple(bad))


def _good(rows: Iterable[Dialogue | BadRow], bad: list[BadRow]) -> Iterator[Dialogue]:
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            yield row


def _linked(dialogue: Dialogue, understander: Understander) -> Dialogue:
    if dialogue.mentioned is not None:
        return dialogue
    said = (understander.understand(text) for _, text in dialogue.context)
    return replace(dialogue, mentioned=tuple(dict.fromkeys(mention.item_id for heard in said for mention in heard.mentions)))
