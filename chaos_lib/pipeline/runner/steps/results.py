"""Steps that keep what a build made: archived files and test reports."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.pipeline.protocol import BuildResult, JUnitCounts
from chaos_lib.pipeline.runner.builds import ARTIFACTS, REPORTS
from chaos_lib.pipeline.runner.failures import abort
from chaos_lib.pipeline.runner.files import find
from chaos_lib.pipeline.runner.groovy.values import Value, text
from chaos_lib.pipeline.runner.steps.call import StepCall
from chaos_lib.pipeline.runner.steps.files import _copy


def archive_artifacts(call: StepCall) -> Value:
    """Keep files with the build."""
    thread, patterns = call.thread, call.required("artifacts")
    folder, build = thread.folder(), call.thread.build
    thread.console.line("Archiving artifacts")
    if call.flag("onlyIfSuccessful") and build.current_result.is_worse_than(BuildResult.SUCCESS):
        thread.console.line("Skipped archiving because build is not successful")
        return
    found = find(
        folder,
        patterns,
        call.text("excludes"),
        uses_default_excludes=call.flag("defaultExcludes", default=True),
    )
    if not found:
        said = f'No artifacts found that match the file pattern "{patterns}". Configuration error?'
        if not call.flag("allowEmptyArchive"):
            raise abort(said, call.node)
        thread.console.line(said)
    for path in found:
        name = path.relative_to(folder).as_posix()
        _copy(path, build.folder / ARTIFACTS / name)
        with build.lock:
            if name not in build.artifacts:
                build.artifacts.append(build.masker.mask(name))


def fingerprint(call: StepCall) -> Value:
    """Say that fingerprints would be recorded: only a controller keeps them."""
    call.thread.console.line("Recording fingerprints")


@dataclass(frozen=True)
class _Report:
    counts: JUnitCounts
    text: str


def junit(call: StepCall) -> Value:
    """Count the tests of JUnit reports; failed ones make the stage and the build unstable."""
    thread, patterns = call.thread, call.required("testResults")
    folder, build = thread.folder(), thread.build
    thread.console.line("Recording test results")
    found = find(folder, patterns)
    reports = [_read(path, call) for path in found]
    total = sum((report.counts.total for report in reports), 0)
    if not found or total == 0:
        said = (
            "No test report files were found. Configuration error?"
            if not found
            else "None of the test reports contained any result"
        )
        if not call.flag("allowEmptyResults"):
            raise abort(said, call.node)
        thread.console.line(said)
    counts = JUnitCounts(
        total,
        sum(report.counts.failed for report in reports),
        sum(report.counts.skipped for report in reports),
    )
    for path, report in zip(found, reports, strict=True):
        kept = build.folder / REPORTS / build.masker.mask(path.relative_to(folder).as_posix())
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(build.masker.mask(report.text), encoding="utf-8")
    with build.lock:
        known = build.tests
        build.tests = JUnitCounts(
            known.total + counts.total, known.failed + counts.failed, known.skipped + counts.skipped
        )
    if counts.failed and not call.flag("skipMarkingBuildUnstable"):
        build.worsen(BuildResult.UNSTABLE)
        build.warn(thread.context.stage, BuildResult.UNSTABLE)
    return {
        "totalCount": counts.total,
        "failCount": counts.failed,
        "skipCount": counts.skipped,
        "passCount": counts.total - counts.failed - counts.skipped,
    }


def _read(path: Path, call: StepCall) -> _Report:
    content = path.read_text(encoding="utf-8", errors="replace")
    if "<!ENTITY" in content:
        raise abort(f"{path.name} declares entities and is not read", call.node)
    try:
        root = ET.fromstring(content)  # noqa: S314 (entities are refused above)
    except ET.ParseError as exc:
        raise abort(f"Failed to read test report file {path}: {text(str(exc))}", call.node) from None
    cases = list(root.iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return _Report(JUnitCounts(len(cases), failed, skipped), content)
