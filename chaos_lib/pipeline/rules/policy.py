"""House rules for a pipeline one can trust: failures are seen, versions are fixed, nothing waits for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chaos_lib.pipeline.groovy.expressions import Assign, Call, Literal, Property
from chaos_lib.pipeline.groovy.nodes import Span
from chaos_lib.pipeline.groovy.statements import Catch, ExpressionStatement, Script, Throw
from chaos_lib.pipeline.groovy.walk import calls_in, walk
from chaos_lib.pipeline.model import Arguments, Directive, ParsedPipeline, Pipeline, Post, Stage
from chaos_lib.pipeline.rules.finding import Finding
from chaos_lib.pipeline.rules.shell import SHELLS, is_within, shell_lines, text_of

RULE = "policy"
_SWALLOWS = re.compile(r"\|\|\s*(?:true|:|exit\s+0|echo\b)|;\s*(?:true|:)\s*$|^set\s+\+e\b")
_PIPED = re.compile(r"[^|]\|\s*(?:tee|cat|tail|head|less)\b")
_LATEST = re.compile(r"[\w./-]+:latest\b")
_TELLS = frozenset({"error", "unstable", "catchError", "warnError"})
_REMEDIES = {
    "EXIT_CODE_SWALLOWED": "Let the command fail: remove what hides its exit code. A step that may fail belongs in "
    "`catchError`, which at least marks the stage.",
    "EXCEPTION_SWALLOWED": "Throw it again, or call `unstable` or `error`: a caught failure must still be seen.",
    "LATEST_TAG": "Name the version you tested, best by its digest: `latest` is another image tomorrow.",
    "TIMEOUT_MISSING": "Add `options { timeout(time: 30, unit: 'MINUTES') }`: a build that hangs blocks its agent.",
    "POST_MISSING": "Add `post { always { junit '**/reports/*.xml' } }`, so that a failed build leaves its report as well.",
    "REPORT_MISSING": "Add `junit '**/reports/*.xml'` to `post { always { } }`: without it nobody sees which tests failed.",
    "REPORT_ON_SUCCESS_ONLY": "Move `junit` to `post { always { } }`: the report matters most when tests fail.",
    "REPORT_MAY_BE_EMPTY": "Remove `allowEmptyResults`: no report at all means that no test ran.",
}


def policy(parsed: ParsedPipeline) -> tuple[Finding, ...]:
    """Return what breaks the house rules."""
    if parsed.script is None or parsed.pipeline is None:
        return ()
    found = [
        *_swallowed(parsed.script),
        *_latest(parsed),
        *_timeouts(parsed.pipeline),
        *_reports(parsed, parsed.pipeline),
    ]
    return tuple(sorted(found, key=lambda finding: finding.line))


def _finding(reason: str, line: int, evidence: str) -> Finding:
    return Finding(RULE, reason, line, evidence, _REMEDIES[reason])


def _swallowed(script: Script) -> Iterator[Finding]:
    lines = list(shell_lines(script))
    for index, line in enumerate(lines):
        is_first = index == 0 or lines[index - 1].call is not line.call
        is_last = index + 1 == len(lines) or lines[index + 1].call is not line.call
        if _SWALLOWS.search(line.text) or (line.text == "exit 0" and is_last and not is_first):
            yield _finding("EXIT_CODE_SWALLOWED", line.line, line.text)
        elif _PIPED.search(line.text) and "pipefail" not in line.text:
            yield _finding(
                "EXIT_CODE_SWALLOWED", line.line, f"{line.text} (only the last command of a pipe counts)"
            )
    for node in walk(script):
        if isinstance(node, ExpressionStatement) and isinstance(node.expression, Call):
            call = node.expression
            status = Arguments((), call.named).get("returnStatus")
            is_asked = isinstance(status, Literal) and status.value is True
            if call.method in SHELLS and is_asked:
                evidence = f"`{call.method}` returns its status, and nobody looks at it"
                yield _finding("EXIT_CODE_SWALLOWED", call.span.line, evidence)
            result = Arguments((), call.named).text("buildResult")
            if call.method == "catchError" and result == "SUCCESS" and not _marks_stage(call):
                yield _finding(
                    "EXIT_CODE_SWALLOWED", call.span.line, "`catchError` keeps build and stage green"
                )
        elif isinstance(node, Catch) and not _is_told(node):
            evidence = f"`catch ({node.name})` goes on as if nothing had happened"
            yield _finding("EXCEPTION_SWALLOWED", node.span.line, evidence)


def _marks_stage(call: Call) -> bool:
    result = Arguments((), call.named).text("stageResult")
    return result not in (None, "SUCCESS")


def _is_told(catch: Catch) -> bool:
    for statement in catch.body:
        for node in walk(statement):
            if isinstance(node, Throw) or (isinstance(node, Call) and node.method in _TELLS):
                return True
            target = node.target if isinstance(node, Assign) else None
            if isinstance(target, Property) and target.name == "result":
                return True
    return False


def _latest(parsed: ParsedPipeline) -> Iterator[Finding]:
    if parsed.script is None:
        return
    told: set[int] = set()
    for line in shell_lines(parsed.script):
        match = _LATEST.search(line.text)
        if match and line.line not in told:
            told.add(line.line)
            yield _finding("LATEST_TAG", line.line, match.group())
    for node in walk(parsed.script):
        text = text_of(node) if isinstance(node, Literal) else ""
        match = _LATEST.fullmatch(text)
        if match and node.span.line not in told:
            told.add(node.span.line)
            yield _finding("LATEST_TAG", node.span.line, text)


def _timeouts(pipeline: Pipeline) -> Iterator[Finding]:
    if _has_timeout(pipeline.options):
        return
    bare = [stage for stage in pipeline.stages if not _is_limited(stage)]
    if len(bare) == len(pipeline.stages):
        yield _finding("TIMEOUT_MISSING", pipeline.span.line, "the pipeline has no `timeout`")
        return
    for stage in bare:
        yield _finding("TIMEOUT_MISSING", stage.span.line, f"the stage `{stage.name}` has no `timeout`")


def _has_timeout(options: tuple[Directive, ...]) -> bool:
    return any(option.name == "timeout" for option in options)


def _is_limited(stage: Stage) -> bool:
    if _has_timeout(stage.options) or (stage.matrix is not None and _has_timeout(stage.matrix.options)):
        return True
    if stage.steps is not None:
        return bool(stage.steps) and all(step.name == "timeout" for step in stage.steps)
    inner = (stage.stages or ()) + (stage.parallel or ()) + (stage.matrix.stages if stage.matrix else ())
    return bool(inner) and all(_is_limited(one) for one in inner)


def _reports(parsed: ParsedPipeline, pipeline: Pipeline) -> Iterator[Finding]:
    posts = [pipeline.post, *(stage.post for stage in pipeline.walk())]
    posts += [stage.matrix.post for stage in pipeline.walk() if stage.matrix is not None]
    given = [post for post in posts if post is not None]
    reports = [call for call in calls_in(parsed.script) if call.method == "junit"] if parsed.script else []
    for call in reports:
        empty = Arguments((), call.named).get("allowEmptyResults")
        if isinstance(empty, Literal) and empty.value is True:
            yield _finding("REPORT_MAY_BE_EMPTY", call.span.line, "`junit` takes no report for a good one")
    if not given:
        yield _finding("POST_MISSING", pipeline.span.line, "there is no `post` section")
    elif not reports:
        yield _finding("REPORT_MISSING", given[0].span.line, "no `junit` step anywhere")
    elif not any(_runs_always(call.span, given) for call in reports):
        evidence = "`junit` does not run when a test fails"
        yield _finding("REPORT_ON_SUCCESS_ONLY", reports[0].span.line, evidence)


def _runs_always(report: Span, posts: list[Post]) -> bool:
    blocks = [block for post in posts for block in post.blocks]
    conditions = {block.condition for block in blocks if is_within(report, block.span)}
    return bool(conditions & {"always", "cleanup", "failure", "unsuccessful"})
