"""What a change request may do: not read secrets, not deploy, and not change the pipeline that judges it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from chaos_lib.pipeline.groovy.walk import walk
from chaos_lib.pipeline.model import Condition, Environment, ParsedPipeline, Stage, When
from chaos_lib.pipeline.rules.credential_use import credential_uses
from chaos_lib.pipeline.rules.finding import Finding
from chaos_lib.pipeline.rules.stage_order import Kind, kinds_of

RULE = "trusted-branch"
_GUARDS = frozenset({"branch", "tag", "buildingTag"})
_GUARDED = re.compile(r"CHANGE_ID|BRANCH_NAME|GIT_BRANCH|TAG_NAME")


def branch_guards(parsed: ParsedPipeline) -> tuple[Finding, ...]:
    """Return the stages that deploy or read secrets, and do so for a change request as well."""
    if parsed.pipeline is None:
        return ()
    found = [*_environment(parsed.pipeline.environment)]
    for stage in parsed.pipeline.stages:
        found += _stage(parsed, stage)
    return tuple(found)


def _environment(environment: Environment | None) -> Iterator[Finding]:
    for entry in environment.entries if environment is not None else ():
        if any(getattr(node, "method", None) == "credentials" for node in walk(entry.value)):
            yield Finding(
                RULE,
                "SECRET_FOR_EVERY_BRANCH",
                entry.span.line,
                f"`{entry.name}` holds a secret in every stage, in a change request's build as well",
                "Move it to the `environment` of the one stage that needs it, and guard that stage with "
                "`when { branch 'main' }`.",
            )


def _stage(parsed: ParsedPipeline, stage: Stage) -> Iterator[Finding]:
    if is_guarded(stage.when) or (stage.matrix is not None and is_guarded(stage.matrix.when)):
        return
    inner = (stage.stages or ()) + (stage.parallel or ()) + (stage.matrix.stages if stage.matrix else ())
    if inner:
        for one in inner:
            yield from _stage(parsed, one)
        return
    remedy = "Guard the stage with `when { branch 'main' }`, so that it runs only for what was reviewed."
    if Kind.DEPLOY in kinds_of(parsed, stage) or Kind.SWITCH in kinds_of(parsed, stage):
        evidence = f"`{stage.name}` deploys whatever branch is built"
        yield Finding(RULE, "DEPLOY_FROM_EVERY_BRANCH", stage.span.line, evidence, remedy)
    for use in credential_uses(parsed):
        if stage.span.line <= use.line <= stage.span.end_line:
            evidence = f"`{stage.name}` reads the credential {use.source} whatever branch is built"
            yield Finding(RULE, "SECRET_FOR_EVERY_BRANCH", use.line, evidence, remedy)


def is_guarded(when: When | None) -> bool:
    """Say whether a `when` keeps change requests out."""
    return when is not None and any(_keeps_out(condition) for condition in when.conditions)


def _keeps_out(condition: Condition) -> bool:
    if condition.name in _GUARDS:
        return True
    if condition.name == "allOf":
        return any(_keeps_out(child) for child in condition.children)
    if condition.name == "anyOf":
        return bool(condition.children) and all(_keeps_out(child) for child in condition.children)
    if condition.name == "not":
        return any(child.name == "changeRequest" for child in condition.children)
    if condition.name == "expression":
        nodes = [node for statement in condition.expression or () for node in walk(statement)]
        return any(_GUARDED.search(str(getattr(node, "name", ""))) for node in nodes)
    if condition.name == "environment":
        return bool(_GUARDED.search(condition.arguments.text("name") or ""))
    return False


def from_trusted_branch(proposed: str, trusted: str, *, branch: str = "main") -> tuple[Finding, ...]:
    """Return the lines in which a change request's Jenkinsfile differs from that of the trusted branch.

    Args:
        proposed: The text in the change request.
        trusted: The text on the trusted branch.
        branch: The trusted branch's name, for the message.
    """
    changes = difflib.SequenceMatcher(
        None, trusted.splitlines(), proposed.splitlines(), autojunk=False
    ).get_opcodes()
    lines = proposed.splitlines()
    found = []
    for tag, _, _, start, end in changes:
        if tag == "equal":
            continue
        shown = lines[start].strip() if start < end else "a line was removed"
        found.append(
            Finding(
                RULE,
                "JENKINSFILE_UNTRUSTED",
                min(start + 1, max(len(lines), 1)),
                f"not as on `{branch}`: {shown[:80]}",
                f"Take the pipeline from `{branch}`; a change to it is reviewed and merged on its own first.",
            )
        )
    return tuple(found)
