"""The run as JUnit XML, for CI systems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from chaos_lib.headless.report import Failure, NotebookResult, Outcome, RunReport

# XML 1.0, production [2] Char: everything else is not allowed, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class _Case:
    name: str
    outcome: Outcome
    elapsed_s: float = 0.0
    failure: Failure | None = None


def junit_xml(report: RunReport) -> str:
    """Return the report as JUnit XML.

    One test suite a notebook; in it one test case a graded cell or, where none is graded, one for the notebook. A failure
    outside of the graded cells is a test case of its own, so that a failed run always counts one.
    """
    root = ElementTree.Element("testsuites", name="opchaos run")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for result in report.notebooks:
        cases = _cases(result)
        counts = {
            "tests": len(cases),
            "failures": sum(case.outcome is Outcome.FAIL for case in cases),
            "errors": 0,
            "skipped": sum(case.outcome in (Outcome.NOT_PLAYED, Outcome.INTERRUPTED) for case in cases),
        }
        suite = ElementTree.SubElement(root, "testsuite", name=_clean(result.phase))
        _set_counts(suite, counts, result.minutes_used * 60)
        for case in cases:
            _add_case(suite, result, case)
        totals = {key: totals[key] + counts[key] for key in totals}
    _set_counts(root, totals, report.elapsed_s)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _cases(result: NotebookResult) -> list[_Case]:
    cases = [
        _Case(
            cell.grade_id,
            cell.outcome,
            cell.elapsed_s,
            result.failure if cell.outcome is Outcome.FAIL else None,
        )
        for cell in result.graded
    ]
    if not cases:
        return [_Case(result.phase, result.outcome, result.minutes_used * 60, result.failure)]
    if result.failure is not None and not any(case.failure for case in cases):
        number = result.failure.cell_number
        cases.append(_Case(f"cell {number}" if number else "notebook", Outcome.FAIL, 0.0, result.failure))
    return cases


def _add_case(suite: ElementTree.Element, result: NotebookResult, case: _Case) -> None:
    element = ElementTree.SubElement(
        suite,
        "testcase",
        name=_clean(case.name),
        classname=_clean(result.phase),
        time=f"{case.elapsed_s:.3f}",
    )
    if case.failure is not None:
        failure = case.failure
        text = "\n\n".join(
            part
            for part in (failure.place, failure.source, failure.output, failure.error().text)
            if part.strip()
        )
        child = ElementTree.SubElement(
            element, "failure", message=_clean(failure.what), type=_clean(failure.kind.value)
        )
        child.text = _clean(text)
    elif case.outcome in (Outcome.NOT_PLAYED, Outcome.INTERRUPTED):
        ElementTree.SubElement(element, "skipped", message=case.outcome.value.lower())


def _set_counts(element: ElementTree.Element, counts: dict[str, int], elapsed_s: float) -> None:
    for key, value in counts.items():
        element.set(key, str(value))
    element.set("time", f"{elapsed_s:.3f}")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
