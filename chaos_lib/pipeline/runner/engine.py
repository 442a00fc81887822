"""Our runner as a provider of the facility *pipeline*: EMBEDDED, no controller needed."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from chaos_lib import labels
from chaos_lib.credentials import Credential
from chaos_lib.errors import InvalidInput, InvalidPipeline
from chaos_lib.lab.facility import Usability
from chaos_lib.pipeline.credentials_file import CredentialSource
from chaos_lib.pipeline.masking import Masker
from chaos_lib.pipeline.protocol import BuildListener, BuildRequest, SilentListener, Validation
from chaos_lib.pipeline.runner.builds import RECORD, Job
from chaos_lib.settings import Tier

if TYPE_CHECKING:
    from chaos_lib.pipeline.runner.build import Build

# A shorter value would hide ordinary words of the log; a build that binds it masks it all the same.
_SHORTEST_MASKED_UNASKED = 6
_OWNER = "owner"


class Runner:
    """Runs Declarative Pipelines by itself.

    Args:
        builds: Where the jobs' builds are kept.
        store: The credentials that builds may use.
    """

    name = "runner"
    tier = Tier.EMBEDDED

    def __init__(self, builds: Path, store: CredentialSource) -> None:
        self._builds = builds
        self._store = store

    def usability(self) -> Usability:
        """Say whether it can work here."""
        if os.name != "posix":
            return Usability(False, "The runner needs a POSIX system.", "Use WSL 2, or a Jenkins controller.")
        return Usability(True, "The kit's own runner for Declarative Pipelines.", "")

    def validate(self, jenkinsfile: str) -> Validation:
        """Ask the linter."""
        return validate(jenkinsfile)

    def start(self, request: BuildRequest, listener: BuildListener | None = None) -> Build:
        """Start a build.

        Raises:
            InvalidPipeline: The file or a parameter cannot be right.
            InvalidInput: The job's name or the workspace cannot be right.
        """
        # Imported here: the runner's many parts are needed only when something is run.
        from chaos_lib.pipeline.answer import answer
        from chaos_lib.pipeline.parser import parse
        from chaos_lib.pipeline.runner import parameters
        from chaos_lib.pipeline.runner.build import Build
        from chaos_lib.pipeline.runner.console import Channel
        from chaos_lib.pipeline.runner.state import BuildState

        parsed = parse(request.jenkinsfile)
        if not parsed.is_valid or parsed.pipeline is None or parsed.script is None:
            raise InvalidPipeline(
                "Jenkins would not accept this Jenkinsfile.",
                evidence=answer(parsed),
                fix="Correct it at the line and column named above; `opchaos pipeline validate FILE` checks it.",
            )
        if not request.workspace.is_dir():
            raise InvalidInput(
                "The workspace of the build is no folder.",
                evidence=str(request.workspace),
                fix="Give the folder of the project.",
            )
        values = parameters.values(parsed.pipeline, request.parameters)
        job = self._job(request.job)
        self._sweep(job)
        number, folder = job.new()
        folder.chmod(0o700)
        (folder / _OWNER).write_text(labels.process_owner(), encoding="utf-8")
        masker = Masker(self._unasked_secrets())
        masker.add(*(str(values[name]) for name in parameters.secret_names(parsed.pipeline)))
        lock = threading.RLock()
        state = BuildState(
            request=replace(request, environment=_without_ours(request.environment)),
            pipeline=parsed.pipeline,
            number=number,
            folder=folder,
            cookie=_cookie(folder),
            previous=job.previous(number),
            store=self._store,
            masker=masker,
            listener=listener or SilentListener(),
            root=Channel(lambda _: None, lock),
            lock=lock,
            parameters=dict(values),
        )
        return Build(state, parsed.script, job).start()

    def credential_ids(self) -> tuple[str, ...]:
        """Return the ids of the credentials that builds may use."""
        return self._store.ids()

    def put_credential(self, credential_id: str, credential: Credential | None) -> None:
        """Keep a credential, or remove it when it is None."""
        self._store.put(credential_id, credential)

    def _job(self, name: str) -> Job:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]*(/[A-Za-z0-9][A-Za-z0-9 ._-]*)*", name):
            raise InvalidInput(f"`{name}` is no name for a job.", fix="Use letters, digits, dots and dashes.")
        return Job(self._builds / name)

    def _unasked_secrets(self) -> list[str]:
        found = []
        for credential_id in self._store.ids():
            with contextlib.suppress(InvalidInput):
                credential = self._store.get(credential_id)
                if credential is not None:
                    secret = credential.secret.get_secret_value()
                    found += [secret] if len(secret.strip()) >= _SHORTEST_MASKED_UNASKED else []
        return found

    def _sweep(self, job: Job) -> None:
        """End what a build left behind whose program was killed."""
        for number in job.numbers():
            folder = job.folder / str(number)
            owner = folder / _OWNER
            if (folder / RECORD).exists() or not owner.exists():
                continue
            with contextlib.suppress(psutil.Error, OSError):
                if labels.is_left_behind(owner.read_text(encoding="utf-8")):
                    from chaos_lib.pipeline.runner import shell

                    shell.end_all(shell.left_behind(_cookie(folder)))
                    owner.unlink()


def validate(jenkinsfile: str) -> Validation:
    """Ask the linter of the kit."""
    # Imported here: the parser's grammar takes its time.
    from chaos_lib.pipeline.answer import answer
    from chaos_lib.pipeline.parser import parse

    parsed = parse(jenkinsfile)
    return Validation(parsed.is_valid, answer(parsed))


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that hold the kit's own secrets."""
    return {name: value for name, value in environment.items() if not name.startswith("OPCHAOS_JENKINS_")}


def _cookie(folder: Path) -> str:
    """Return the mark of a build's processes, the same in every program that looks at its folder."""
    return uuid.uuid5(uuid.NAMESPACE_URL, folder.resolve().as_uri()).hex
