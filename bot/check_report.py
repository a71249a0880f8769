"""What looking a catalogue over found, printed for its owner."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retrieval.catalogue import Catalogue
from retrieval.facet_coverage import facet_coverage
from retrieval.findings import Finding
from retrieval.text_check import description_languages

PLACES = 5  # of a finding that are shown
COLOURS = {"error": "red", "warning": "yellow"}


def show_check(catalogue: Catalogue, findings: Sequence[Finding], console: Console) -> None:
    """Print how far each facet is filled, how long the descriptions are and in which language, then what was found."""
    table = Table("facet", "kind", "items", "filled", "values", "commonest, or range", box=None, padding=(0, 2, 0, 0))
    for line in facet_coverage(catalogue):
        filled = f"{line.share:.0%}"
        table.add_row(line.facet.name, line.facet.kind, str(line.items), filled, str(line.values), escape(line.told))
    console.print(table)
    words = sorted(len(item.description.split()) for item in catalogue)
    spoken = Counter(code for code in description_languages(catalogue) if code)
    told = ", ".join(f"{code} {count}" for code, count in spoken.most_common()) or "too short to tell"
    console.print(f"descriptions: {words[0]} to {words[-1]} words, median {words[len(words) // 2]}; language: {told}")
    for finding in findings:
        console.print(f"[{COLOURS[finding.severity]}]{finding.severity}[/] {finding.told}: {len(finding.where)}")
        for where in finding.where[:PLACES]:
            console.print(f"  {where}", markup=False)
        if len(finding.where) > PLACES:
            console.print(f"  and {len(finding.where) - PLACES} more")
    console.print(f"{len(catalogue)} {catalogue.plural}, {counted(findings, 'error')}, {counted(findings, 'warning')}")


def counted(findings: Sequence[Finding], severity: str) -> str:
    """How many places have a finding of that severity: "1 error", "0 warnings"."""
    places = sum(max(1, len(finding.where)) for finding in findings if finding.severity == severity)
    return f"{places} {severity}{'' if places == 1 else 's'}"
