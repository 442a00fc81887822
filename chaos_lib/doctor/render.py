"""Show a report to people: a symbol and a word for every state, so that colour only repeats them."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from chaos_lib.doctor.report import Family, Finding, Remedy, Report, Status

_SYMBOLS = {Status.OK: "✔", Status.WARN: "▲", Status.MISSING: "✘"}
_PLAIN_SYMBOLS = {Status.OK: "+", Status.WARN: "!", Status.MISSING: "x"}
_STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.MISSING: "bold red"}
_NAME_WIDTH = 17


def render(report: Report, console: Console) -> None:
    """Print the report, remedies under the lines that need one, this system's first.

    Args:
        report: From `diagnose`.
        console: Where to print; a terminal that cannot show `✔` gets `+`.
    """
    symbols = _SYMBOLS if (console.encoding or "").lower().startswith("utf") else _PLAIN_SYMBOLS
    console.print(Text(f"Operation Chaos on {report.system}", style="bold"))
    for finding in report.findings:
        _print_finding(finding, report.family, symbols[finding.status], console)
    console.print(Text("The lab would use", style="bold"))
    for facility in report.facilities:
        tier = "none" if facility.tier is None else facility.tier.value
        provider = f"{facility.provider}: " if facility.provider else ""
        _print_line(f"  {facility.facility:<11} {tier:<10} {provider}{facility.reason}", console)
        if facility.remedy:
            _print_line(f"      for a better tier: {facility.remedy}", console, style="dim")
    style = _STYLES[Status.MISSING if report.tier is None else Status.OK]
    console.print(Text(report.verdict, style=style), soft_wrap=True)


def _print_finding(finding: Finding, family: Family, symbol: str, console: Console) -> None:
    line = Text()
    line.append(f"{symbol} {finding.status.value:<8}", style=_STYLES[finding.status])
    line.append(f"{finding.name:<{_NAME_WIDTH}} {finding.found}")
    console.print(line, soft_wrap=True)
    if finding.remedy is not None and finding.status is not Status.OK:
        _print_remedy(finding.remedy, family, console)


def _print_remedy(remedy: Remedy, family: Family, console: Console) -> None:
    (first, text), *others = remedy.starting_with(family)
    if all(other == text for _, other in others):
        _print_line(f"      Fix: {text}", console)
        return
    _print_line(f"      Fix on {first.value}: {text}", console)
    for system, other in others:
        _print_line(f"          on {system.value}: {other}", console, style="dim")


def _print_line(text: str, console: Console, *, style: str = "") -> None:
    # Commands stay on one line, however narrow the terminal: they are there to be copied.
    console.print(Text(text, style=style), soft_wrap=True)
