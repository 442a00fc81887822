"""The one error hierarchy.

```
ChaosError
├── InvalidInput          what was asked for cannot be right (a path, a name, a number)
│   ├── UnknownAttack     no attack has that name
│   ├── UnknownPhase      no phase has that name
│   ├── NotAnsweredYet    an answer cell still holds its untouched stub
│   ├── InvalidAnswer     an answer does not parse
│   └── InvalidPipeline   a Jenkinsfile, or a value for one of its parameters, cannot be right
├── ToolMissing           a program or package is not installed
├── ToolTooOld            it is installed, but too old
├── CommandFailed         a command ran and failed
│   └── BuildFailed       an image could not be built: a step of its Dockerfile failed
├── WaitTimeout           something did not become ready in time
├── LabError              the lab cannot provide what was asked
│   ├── EngineUnavailable no Docker engine answers
│   ├── PermissionRefused the engine is there, but not for this user
│   ├── RegistryUnreachable no image registry answers
│   ├── PortTaken         a port is in use by someone else
│   ├── DiskFull          no room left
│   ├── ServiceDied       a Postgres or Redis server ended although it should run
│   ├── ContainerEnded    a container of the service ended although it should run
│   ├── ClusterUnavailable no Kubernetes cluster answers, or one could not be started
│   ├── ControllerUnreachable no Jenkins controller answers
│   ├── ControllerRefused it answers, and says no to this user
│   ├── ControllerUnclear it answers, but not as documented
│   ├── ClusterRefused    the cluster's API server said no
│   └── LabBusy           another process is changing the lab right now
├── GuardRefused          the blast radius says no
├── JournalDamaged        a journal record cannot be read
├── RollbackFailed        an undo could not be completed
├── AttackRefused         an attack cannot start now (already red, already running)
├── SymptomMissing        an attack did not show what it promised
├── MatrixBroken          an attack is not caught by its defence, or a defence fires on the clean project
├── NotebookFailed        a notebook cell failed in a headless run
├── CertificateRefused    there is nothing yet that a certificate could say
├── CertificateInvalid    a certificate does not verify: it was changed, or nobody known signed it
├── Interrupted           stopped by the user; what was open has been cleaned up
└── CheckFailed           a graded check says "not yet" (also an AssertionError)
```
"""

from __future__ import annotations

TROUBLESHOOTING = "docs/troubleshooting.md"


class ChaosError(Exception):
    """Root of everything this package raises on purpose.

    A message has three parts, kept as fields as well: tests read the fields, people the text.

    Attributes:
        what: What happened, one sentence.
        evidence: What was found (last lines of output, the value); may be empty.
        fix: What to do next.
        is_on_page: Whether the page shows all of it as a card already.
    """

    is_on_page = False

    def __init__(self, what: str, *, evidence: str = "", fix: str = "") -> None:
        self.what = what
        self.evidence = evidence.strip()
        self.fix = fix
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The message as people read it: what, evidence, fix."""
        parts = [self.what]
        if self.evidence:
            parts.append(f"Evidence: {self.evidence}")
        if self.fix:
            parts.append(f"Fix: {self.fix}")
        return "\n".join(parts)

    @property
    def help_page(self) -> str:
        """Where the site explains this error: page and anchor; that of the nearest class of this module."""
        known = next(kind for kind in type(self).__mro__ if kind.__module__ == __name__)
        return f"{TROUBLESHOOTING}#{known.__name__.lower()}"

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: IPython calls this instead of printing a traceback."""
        if self.is_on_page:
            return [f"{type(self).__name__}: the card above says what to do. The cells below have not run."]
        return [f"{type(self).__name__}: {self.text}"]


class InvalidInput(ChaosError):
    """What was asked for cannot be right."""


class UnknownAttack(InvalidInput):
    """No attack has that name."""


class UnknownPhase(InvalidInput):
    """No phase has that name."""


class NotAnsweredYet(InvalidInput):
    """An answer cell still holds its untouched stub."""


class InvalidAnswer(InvalidInput):
    """An answer does not parse."""


class InvalidPipeline(InvalidInput):
    """A Jenkinsfile, or a value for one of its parameters, cannot be right."""


class ToolMissing(ChaosError):
    """A program or package is not installed."""


class ToolTooOld(ChaosError):
    """A program is installed, but too old."""


class CommandFailed(ChaosError):
    """A command ran and failed."""


class BuildFailed(CommandFailed):
    """An image could not be built.

    Attributes:
        reason: `DOCKERFILE_MISSING`, `BASE_UNKNOWN`, `BUILD_TOO_SLOW` or `BUILD_FAILED`.
        output: Everything that the build printed.
    """

    def __init__(
        self, what: str, *, evidence: str = "", fix: str = "", reason: str = "BUILD_FAILED", output: str = ""
    ) -> None:
        self.reason = reason
        self.output = output
        super().__init__(what, evidence=evidence, fix=fix)


class WaitTimeout(ChaosError):
    """Something did not become ready in time."""


class LabError(ChaosError):
    """The lab cannot provide what was asked."""


class EngineUnavailable(LabError):
    """No Docker engine answers."""


class PermissionRefused(LabError):
    """The engine is there, but not for this user."""


class RegistryUnreachable(LabError):
    """No image registry answers."""


class PortTaken(LabError):
    """A port is in use by someone else."""


class DiskFull(LabError):
    """There is no room left on a disk."""


class ServiceDied(LabError):
    """A Postgres or Redis server ended although it should run."""


class ContainerEnded(LabError):
    """A container of the service ended although it should run.

    Attributes:
        exit_code: Its exit code.
        log: Its last lines.
    """

    def __init__(
        self, what: str, *, evidence: str = "", fix: str = "", exit_code: int = 0, log: str = ""
    ) -> None:
        self.exit_code = exit_code
        self.log = log
        super().__init__(what, evidence=evidence, fix=fix)


class ClusterUnavailable(LabError):
    """No Kubernetes cluster answers, or one could not be built or started."""


class ClusterRefused(LabError):
    """The cluster's API server said no.

    Attributes:
        reason: The server's own word for it, such as `Invalid`, `Forbidden`; `UnknownKind` for a kind it does not serve.
    """

    def __init__(self, what: str, *, evidence: str = "", fix: str = "", reason: str = "") -> None:
        self.reason = reason
        super().__init__(what, evidence=evidence, fix=fix)


class LabBusy(LabError):
    """Another process is changing the lab right now."""


class ControllerUnreachable(LabError):
    """No Jenkins controller answers."""


class ControllerRefused(LabError):
    """The Jenkins controller says no to this user."""


class ControllerUnclear(LabError):
    """The Jenkins controller answers, but not as documented."""


class GuardRefused(ChaosError):
    """The blast radius says no: the target is outside what the workshop may touch."""


class JournalDamaged(ChaosError):
    """A journal record cannot be read."""


class RollbackFailed(ChaosError):
    """An undo could not be completed."""


class AttackRefused(ChaosError):
    """An attack cannot start now."""


class SymptomMissing(ChaosError):
    """An attack did not show what it promised."""


class MatrixBroken(ChaosError):
    """An attack is not caught by its defence, or a defence fires on the clean project."""


class NotebookFailed(ChaosError):
    """A notebook cell failed in a headless run."""


class CertificateRefused(ChaosError):
    """There is nothing yet that a certificate could say."""


class CertificateInvalid(ChaosError):
    """A certificate does not verify: it was changed, or nobody known signed it."""


class Interrupted(ChaosError):
    """Stopped by the user; what was open has been cleaned up."""


class CheckFailed(ChaosError, AssertionError):
    """A graded check says "not yet".

    Attributes:
        found: What the check saw.
        expected: What it wanted to see.
        next_step: What to try next.
    """

    def __init__(self, what: str, *, found: str, expected: str, next_step: str) -> None:
        self.found = found
        self.expected = expected
        self.next_step = next_step
        super().__init__(what, evidence=f"found {found}; expected {expected}", fix=next_step)
