"""All checks of the doctor, in the order of the report. A new check is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos_lib.doctor import cluster_checks, docker_checks, jupyter_checks, machine_checks
from chaos_lib.doctor.probes import Probes
from chaos_lib.doctor.report import Finding, Need


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        name: The finding's name, kebab-case.
        need: What is lost when the check itself cannot be made.
        examine: Asks the machine; returns the finding.
    """

    name: str
    need: Need
    examine: Callable[[Probes], Finding]


CHECKS: tuple[Check, ...] = (
    Check("python", Need.EVERYTHING, machine_checks.python),
    Check("git", Need.EVERYTHING, machine_checks.git),
    Check("docker-engine", Need.LIVE, docker_checks.docker_engine),
    Check("docker-client", Need.LIVE, docker_checks.docker_client),
    Check("testcontainers", Need.LIVE, docker_checks.testcontainers),
    Check("embedded-servers", Need.EMBEDDED, machine_checks.embedded_servers),
    Check("cluster", Need.LIVE, cluster_checks.cluster),
    Check("kubectl", Need.LIVE, cluster_checks.kubectl),
    Check("disk", Need.LIVE, machine_checks.disk),
    Check("memory", Need.LIVE, machine_checks.memory),
    Check("ports", Need.LIVE, machine_checks.ports),
    Check("jupyterlab", Need.EVERYTHING, jupyter_checks.jupyterlab),
    Check("kernel", Need.EVERYTHING, jupyter_checks.kernel),
    Check("nbgrader", Need.TEACHING, jupyter_checks.nbgrader),
)
