"""Run all checks and put their findings together."""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from chaos_lib.doctor.machine import MachineProbes
from chaos_lib.doctor.probes import Probes
from chaos_lib.doctor.registry import CHECKS, Check
from chaos_lib.doctor.report import Finding, Remedy, Report, Status
from chaos_lib.errors import ChaosError
from chaos_lib.settings import Settings


def diagnose(settings: Settings, *, probes: Probes | None = None, checks: Sequence[Check] = CHECKS) -> Report:
    """Look at the machine and say whether the workshop can be played; changes nothing.

    Args:
        settings: The kit's settings.
        probes: How the machine is asked; the real machine when None.
        checks: What to check, in the order of the report.
    """
    machine = probes or MachineProbes(settings)
    system = machine.system()
    return Report(
        system=f"{system.name} (root)" if system.is_root else system.name,
        family=system.family,
        findings=tuple(_examine(check, machine) for check in checks),
        facilities=machine.facilities(),
        wanted=settings.tier,
    )


def _examine(check: Check, machine: Probes) -> Finding:
    # One question that cannot be answered must not take the other answers with it.
    try:
        return check.examine(machine)
    except ChaosError as refusal:
        remedy = Remedy.everywhere(refusal.fix)
        return Finding(check.name, Status.MISSING, refusal.what, check.need, remedy)
    except (OSError, psutil.Error) as exc:
        remedy = Remedy.everywhere("Run `opchaos doctor` again as the user who will play.")
        return Finding(check.name, Status.WARN, f"could not be checked: {exc}", check.need, remedy)
