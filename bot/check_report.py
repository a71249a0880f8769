"""What looking a catalogue over found, printed for its owner."""

import statistics
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.settings import Settings
from retrieval.catalogue import Catalogue, read_catalogue
from retrieval.catalogue_check import check_catalogue
from retrieval.errors import ReadableError
from retrieval.facet_coverage import facet_coverage
from retrieval.findings import Finding
from retrieval.text_check import description_languages

PLACES = 5  # of a finding that are shown
COLOURS = {"error": "red", "warning": "yellow"}


def look_over(settings: Settings, console: Console) -> None:
    """Check the catalogue of `settings` and print what is found. Raises ReadableError when there are errors."""
    catalogue = read_catalogue(settings.catalogue)
    findings = check_catalogue(catalogue, settings.image_hosts)
    show_check(catalogue, findings, console)
    if any(finding.severity == "error" for finding in findings):
        raise ReadableError(f"the catalogue {settings.catalogue} has {counted(findings, 'error')}")


def show_check(catalogue: Catalogue, findings: Sequence[Finding], console: Console) -> None:
    """Print how far each facet is filled, how long the descriptions are and in which language, then what was found."""
    table = Table("facet", "kind", "items", "filled", "values", "commonest, or range", box=None, padding=(0, 2, 0, 0))
    for line in facet_coverage(catalogue):
        told = (line.facet.name, line.facet.kind, str(line.items), f"{line.share:.0%}", str(line.values), line.told)
        table.add_row(*(_text(cell) for cell in told))
    console.print(table)
    words = [len(item.description.split()) for item in catalogue]
    spoken = Counter(code for code in description_languages(catalogue) if code)
    told = ", ".join(f"{code} {count}" for code, count in spoken.most_common()) or "too short to tell"
    _say(f"descriptions: {min(words)} to {max(words)} words, median {statistics.median(words):g}; language: {told}", console)
    for finding in findings:
        places = f": {len(finding.where)}" if finding.where else ""
        console.print(Text(finding.severity, COLOURS[finding.severity]), _text(f"{finding.told}{places}"))
        for where in finding.where[:PLACES]:
            _say(f"  {where}", console)
        if len(finding.where) > PLACES:
            _say(f"  and {len(finding.where) - PLACES} more", console)
    _say(f"{len(catalogue)} {catalogue.plural}, {counted(findings, 'error')}, {counted(findings, 'warning')}", console)


def counted(findings: Sequence[Finding], severity: str) -> str:
    """How many places have a finding of that severity: "1 error", "0 warnings"."""
    places = sum(max(1, len(finding.where)) for finding in findings if finding.severity == severity)
    return f"{places} {severity}{'' if places == 1 else 's'}"


def _say(text: str, console: Console) -> None:
    console.print(_text(text))


def _text(text: str) -> Text:
    """`text` as it is written, nothing in it read as markup; what does not print is shown by its number."""
    return Text("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text))
