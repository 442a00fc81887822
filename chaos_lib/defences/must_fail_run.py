"""Break the service on purpose: the tests have to notice, or their green means nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chaos_lib import scratch
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.pytest_run import REASONS, run_pytest
from chaos_lib.defences.scope import UNIT_TESTS

_FOLDER = "tests/unit"


@dataclass(frozen=True)
class PlantedFault:
    """A bug that is put into a copy of the service.

    Attributes:
        title: What is broken, in plain words.
        path: File in the workspace.
        old: Text that is replaced.
        new: What replaces it.
    """

    title: str
    path: str
    old: str
    new: str


FAULTS: tuple[PlantedFault, ...] = (
    PlantedFault(
        title="a missing database address is replaced by localhost",
        path="src/mission_control/settings.py",
        old="database_url: SecretStr = Field(",
        new='database_url: SecretStr = Field(default=SecretStr("postgresql://localhost/mission"), ',
    ),
    PlantedFault(
        title="a deadline at the weekend moves to Sunday instead of Monday",
        path="src/mission_control/schedule.py",
        old="timedelta(days=2 - days_into_weekend)",
        new="timedelta(days=1 - days_into_weekend)",
    ),
)


class MustFailRun:
    """The unit tests must be green on the service as it is, and red on each of several broken copies."""

    name = "must-fail-run"
    title = "Must-fail run"
    phase = "phase-1-tests"
    uses_services = False
    looks_at = UNIT_TESTS
    reasons: Mapping[str, str] = {
        "BLIND_TESTS": "The tests stay green although the service is broken.",
        "NOTHING_PLANTED": "No fault could be planted: the service's code looks different from what was expected.",
        **REASONS,
    }

    def run(self, context: DefenceContext) -> Verdict:
        """Run the unit tests on the service, then on each broken copy of it."""
        healthy = run_pytest(context, [_FOLDER])
        elapsed_s = healthy.elapsed_s
        if not healthy.is_green:
            return self._verdict(context, healthy.reason, healthy.evidence, elapsed_s, noticed=0, planted=0)
        unnoticed, planted = [], 0
        for fault in FAULTS:
            with scratch.folder(context.settings, "must-fail") as folder:
                copy = folder / "workspace"
                shutil.copytree(context.workspace, copy, ignore=shutil.ignore_patterns(".git"))
                if not _plant(fault, copy):
                    continue
                planted += 1
                report = run_pytest(replace(context, workspace=copy), [_FOLDER])
                elapsed_s += report.elapsed_s
                if report.is_green:
                    unnoticed.append(fault.title)
        reason = "NOTHING_PLANTED" if not planted else "BLIND_TESTS" if unnoticed else GREEN
        evidence = "".join(f"not noticed: {title}\n" for title in unnoticed)
        return self._verdict(
            context, reason, evidence, elapsed_s, noticed=planted - len(unnoticed), planted=planted
        )

    def _verdict(
        self,
        context: DefenceContext,
        reason: str,
        evidence: str,
        elapsed_s: float,
        *,
        noticed: int,
        planted: int,
    ) -> Verdict:
        summary = self.reasons.get(reason, "The tests noticed every planted fault.")
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=f"{summary} {noticed} of {planted} planted faults were noticed.",
            evidence=evidence,
            remedy="" if reason == GREEN else "Assert what must be true, not only that the code runs.",
            command="pytest tests/unit  # after you broke the code on purpose: must be red",
            tier=context.tier,
            elapsed_s=elapsed_s,
            numbers={"planted": planted, "noticed": noticed},
        )


def _plant(fault: PlantedFault, workspace: Path) -> bool:
    path = workspace / fault.path
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if fault.old not in text:
        return False
    path.write_text(text.replace(fault.old, fault.new, 1), encoding="utf-8")
    return True


MUST_FAIL_RUN = MustFailRun()
