"""`opchaos pipeline run`."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from chaos_lib.cli.failures import EXIT_FAILED
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import Session, begin
from chaos_lib.errors import InvalidInput
from chaos_lib.pipeline.build_environment import build_environment
from chaos_lib.pipeline.protocol import (
    BuildRecord,
    BuildRequest,
    BuildResult,
    PipelineEngine,
    SilentListener,
    StageStatus,
    run,
)

app, this_command = command(
    "opchaos pipeline run Jenkinsfile",
    "opchaos pipeline run Jenkinsfile -p VERSION=1.2 -p DEPLOY=false --workspace app",
    "opchaos pipeline run Jenkinsfile --credentials credentials.yaml",
)
EXIT_UNSTABLE = 3
_MARKS = {StageStatus.SUCCESS: "✓", StageStatus.NOT_EXECUTED: "-", StageStatus.UNSTABLE: "!"}


class _Console(SilentListener):
    """Shows the log as it comes."""

    def text(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


@this_command
def pipeline_run(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Jenkinsfile.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--parameter", metavar="NAME=VALUE", help="Value for a parameter; may be given again."
        ),
    ] = None,
    credentials: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="YAML that says where the credentials are: in variables or files "
            "[dim](default: those of the mission)[/dim].",
        ),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where the steps run [dim](default: the Jenkinsfile's folder)[/dim]."
        ),
    ] = None,
    job: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the job [dim](default: the workspace's)[/dim]."),
    ] = None,
    builds: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where logs, reports and artefacts are kept [dim](default: in the mission folder)[/dim].",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1.0, help="Abort the build after this time.")
    ] = 3600.0,
    controller: Annotated[
        bool,
        typer.Option(
            "--controller",
            help="Run it on the Jenkins controller of OPCHAOS_JENKINS_URL, which checks out by itself.",
        ),
    ] = False,
) -> None:
    """Run a Declarative Pipeline without a Jenkins controller, and show its log as it comes.

    The steps really run, in the workspace, with your environment: run only what you trust. Exit code: 0 success,
    1 failure or abort, 2 when the file or a value cannot be right, 3 unstable. Ctrl-C aborts; `post` still runs.
    """
    session = begin(ctx, heals=False)
    text = _text_of(file)
    folder = (workspace or file.absolute().parent).absolute()
    given = _parameters(parameter or [])
    engine = _engine(session, builds, credentials, on_controller=controller)
    with _stopped_in_good_order(), build_environment(session.settings, folder) as environment:
        request = BuildRequest(
            jenkinsfile=text,
            workspace=folder,
            job=job or re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._") or "pipeline",
            parameters=given,
            environment=environment,
            user=_user(),
        )
        record = run(engine, request, timeout_s=timeout, listener=_Console())
    _summary(session, record)
    if record.result is not BuildResult.SUCCESS:
        raise typer.Exit(EXIT_UNSTABLE if record.result is BuildResult.UNSTABLE else EXIT_FAILED)


@contextmanager
def _stopped_in_good_order() -> Iterator[None]:
    """Take SIGTERM, with which CI systems cancel a job, for Ctrl-C: nothing may be left running."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInput(
            f"`{file}` cannot be read.",
            evidence=getattr(exc, "strerror", None) or str(exc),
            fix="Give the path of a Jenkinsfile.",
        ) from exc


def _parameters(given: list[str]) -> dict[str, str | bool]:
    found: dict[str, str | bool] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise InvalidInput(f"`{each}` is no parameter.", fix="Write `-p NAME=VALUE`.")
        found[name] = value
    return found


def _engine(
    session: Session, builds: Path | None, credentials: Path | None, *, on_controller: bool
) -> PipelineEngine:
    from chaos_lib.credentials import CredentialStore
    from chaos_lib.pipeline import credentials_file
    from chaos_lib.pipeline.runner.engine import Runner

    if on_controller:
        if credentials is not None:
            raise InvalidInput(
                "A controller has credentials of its own.",
                fix="Leave out `--credentials`, or `--controller`.",
            )
        return _controller(session)
    state = session.settings.state
    store: credentials_file.CredentialSource = CredentialStore(state / "credentials")
    if credentials is not None:
        store = credentials_file.read(credentials, os.environ)
    return Runner((builds or state / "builds").absolute(), store)


def _controller(session: Session) -> PipelineEngine:
    from chaos_lib.lab.pipeline_facility import named_controller

    if not session.settings.jenkins_url:
        raise InvalidInput(
            "No controller is named.",
            fix="Set OPCHAOS_JENKINS_URL, OPCHAOS_JENKINS_USER and OPCHAOS_JENKINS_TOKEN.",
        )
    return named_controller(session.settings)


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("LOGNAME") or "anonymous"


def _summary(session: Session, record: BuildRecord) -> None:
    """Say on standard error how the stages went."""
    depths = {"": 0}
    for stage in record.stages:
        depths[stage.id] = depths.get(stage.parent, 0) + 1
        depth = "  " * depths[stage.id]
        mark = _MARKS.get(stage.status, "✗")
        how = stage.skipped.partition("skipped ")[2] or f"{stage.seconds:.1f} s"
        say(session.err, f"{depth}{mark} {stage.name}: {stage.status.value}, {how}")
    where = f" Log and reports: {record.folder}" if record.folder else ""
    say(
        session.err, f"{record.job} #{record.number}: {record.result.value} in {record.seconds:.1f} s.{where}"
    )
