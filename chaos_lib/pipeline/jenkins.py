"""A Jenkins controller as a provider of the facility *pipeline*: LIVE, the real thing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

from chaos_lib.credentials import Credential
from chaos_lib.errors import (
    ChaosError,
    ControllerRefused,
    ControllerUnclear,
    InvalidInput,
    InvalidPipeline,
    LabError,
    WaitTimeout,
)
from chaos_lib.lab.facility import Usability
from chaos_lib.pipeline import jenkins_xml
from chaos_lib.pipeline.controller import Controller, job_path
from chaos_lib.pipeline.controller_answers import Answer, CredentialsAnswer, QueueItem
from chaos_lib.pipeline.jenkins_build import JenkinsBuild
from chaos_lib.pipeline.protocol import BuildListener, BuildRequest, SilentListener, Validation
from chaos_lib.settings import Tier
from chaos_lib.wait import SYSTEM_CLOCK, Clock, Reading, wait_until

_STORE = "credentials/store/system/domain/_/"
_XML = {"Content-Type": "application/xml; charset=utf-8"}


class _JobAnswer(Answer):
    description: str | None = None


class Jenkins:
    """Runs pipelines on a controller.

    Args:
        controller: The controller.
        interval_s: Pause between two questions while a build runs.
        queue_timeout_s: Longest wait for a build to leave the queue.
        clock: The time source.
    """

    name = "jenkins"
    tier = Tier.LIVE

    def __init__(
        self,
        controller: Controller,
        *,
        interval_s: float = 1.0,
        queue_timeout_s: float = 120.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._controller = controller
        self._interval_s = interval_s
        self._queue_timeout_s = queue_timeout_s
        self._clock = clock

    def usability(self) -> Usability:
        """Say whether the controller answers this user."""
        try:
            version = self._controller.version()
        except ChaosError as refusal:
            return Usability(False, f"{refusal.what} {refusal.evidence}".strip(), refusal.fix)
        return Usability(True, f"Jenkins {version} at {self._controller.url}", "")

    def validate(self, jenkinsfile: str) -> Validation:
        """Ask the controller's own linter.

        Raises:
            LabError: The controller cannot be reached, or says no.
        """
        # Imported here: requests takes a tenth of a second.
        from jenkinsfilelint.linter import NOT_DECLARATIVE_MESSAGE, JenkinsfileLinter

        self._controller.version()  # the linter tells no refusal from an error in the file
        linter = JenkinsfileLinter(
            self._controller.url, self._controller.user, self._controller.token.get_secret_value()
        )
        with tempfile.TemporaryDirectory(prefix="opchaos-lint-") as folder:
            path = Path(folder) / "Jenkinsfile"
            path.write_text(jenkinsfile, encoding="utf-8")
            is_valid, text = linter.validate(str(path))
        if text.startswith(("Error connecting to Jenkins", "Unexpected response")):
            kind = ControllerRefused if " 401 " in text or " 403 " in text else ControllerUnclear
            raise kind(
                "The linter of the Jenkins controller did not answer.",
                evidence=text,
                fix="The plugin pipeline-model-definition brings it; this user needs the permission Overall/Read.",
            )
        return Validation(is_valid and text != NOT_DECLARATIVE_MESSAGE, text)

    def start(self, request: BuildRequest, listener: BuildListener | None = None) -> JenkinsBuild:
        """Put the Jenkinsfile into a job of ours, start it, and wait until it leaves the queue.

        Raises:
            InvalidPipeline: The controller refuses the file.
            InvalidInput: The job's name belongs to somebody else's job.
            WaitTimeout: No executor was free in time.
            LabError: The controller cannot be reached, or says no.
        """
        answer = self.validate(request.jenkinsfile)
        if not answer.is_valid:
            raise InvalidPipeline(
                "Jenkins would not accept this Jenkinsfile.",
                evidence=answer.text,
                fix="Correct it at the line and column named above; `opchaos pipeline validate FILE` checks it.",
            )
        self._configure(request)
        item = self._queue(request)
        number = self._leave_queue(request, item)
        return JenkinsBuild(
            self._controller,
            request,
            number,
            listener or SilentListener(),
            interval_s=self._interval_s,
            clock=self._clock,
        ).start()

    def credential_ids(self) -> tuple[str, ...]:
        """Return the ids in the controller's own store."""
        answer = self._controller.get(f"{_STORE}api/json?tree=credentials[id]", CredentialsAnswer)
        return tuple(sorted(each.id for each in answer.credentials))

    def put_credential(self, credential_id: str, credential: Credential | None) -> None:
        """Keep a credential in the controller's own store, or remove it when it is None."""
        place = f"{_STORE}credential/{quote(credential_id, safe='')}/"
        is_known = credential_id in self.credential_ids()
        if credential is None:
            if is_known:
                self._controller.post(f"{place}doDelete")
            return
        xml = jenkins_xml.credential(credential_id, credential).encode()
        self._controller.post(f"{place}config.xml" if is_known else f"{_STORE}createCredentials", xml, _XML)

    def _configure(self, request: BuildRequest) -> None:
        # Imported here: the parser's grammar takes its time.
        from chaos_lib.pipeline.parser import parse

        path = job_path(request.job)
        xml = jenkins_xml.job(request.jenkinsfile, parse(request.jenkinsfile).pipeline).encode()
        known = self._controller.find(f"{path}api/json?tree=description", _JobAnswer)
        if known is None:
            folder, _, name = request.job.rpartition("/")
            self._controller.post(f"{job_path(folder)}createItem?name={quote(name, safe='')}", xml, _XML)
        elif known.description != jenkins_xml.MARK:
            raise InvalidInput(
                f"The job `{request.job}` on the controller is not ours, and is left alone.",
                evidence=f"its description: {known.description or 'none'}",
                fix="Choose another name for the job.",
            )
        else:
            self._controller.post(f"{path}config.xml", xml, _XML)

    def _queue(self, request: BuildRequest) -> int:
        path = job_path(request.job)
        given = {
            name: ("true" if value else "false") if isinstance(value, bool) else value
            for name, value in request.parameters.items()
        }
        # In the body: an address ends up in the logs of proxies.
        response = self._controller.post(
            f"{path}buildWithParameters" if given else f"{path}build", given or None
        )
        location = response.headers.get("Location", "").rstrip("/").rpartition("/")[2]
        if not location.isdecimal():
            raise ControllerUnclear(
                "The Jenkins controller did not say where in its queue the build is.",
                evidence=f"Location: {response.headers.get('Location')}",
                fix="Is a proxy in between that removes headers?",
            )
        return int(location)

    def _leave_queue(self, request: BuildRequest, item: int) -> int:
        found: list[QueueItem] = []

        def look() -> Reading:
            answer = self._controller.get(f"queue/item/{item}/api/json", QueueItem)
            found[:] = [answer]
            return Reading(answer.cancelled or answer.executable is not None, answer.why or "no reason given")

        try:
            wait_until(
                f"the build of {request.job} leaves the queue",
                look,
                timeout_s=self._queue_timeout_s,
                interval_s=self._interval_s,
                fix="Is an agent with the label free? Look at the controller's build queue.",
                clock=self._clock,
            )
        except WaitTimeout:
            self._controller.post(f"queue/cancelItem?id={item}")
            raise
        if found[0].executable is None:
            raise LabError(
                f"The build of {request.job} was cancelled in the queue.",
                evidence=found[0].why or "",
                fix="Start it again.",
            )
        return found[0].executable.number
