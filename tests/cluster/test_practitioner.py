"""What a practitioner types: whole commands in the mission's namespace, as bash and kubectl read them; see the live tests for more."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cluster.practitioner import commands

# These ask about a server or a file, not about a namespace.
_WITHOUT = ("config", "kustomize", "api-resources")
_CALL = re.compile(r'kubectl (?P<place>--namespace "\$OPCHAOS_KUBE_NAMESPACE" )?(?P<verb>[a-z-]+)')


def test_the_cards_have_commands() -> None:
    assert len(commands()) >= 15


@pytest.mark.parametrize("command", commands())
def test_a_command_is_complete_and_names_the_namespace(command: str) -> None:
    calls = list(_CALL.finditer(command))

    assert len(calls) == command.count("kubectl ")
    for call in calls:
        assert bool(call["place"]) != (call["verb"] in _WITHOUT), command
    assert not re.search(r"\b(POD|NAMESPACE|NAME)\b", command)
    subprocess.run(["bash", "-n", "-c", command], check=True, capture_output=True)


@pytest.mark.parametrize("command", commands())
def test_kubectl_knows_every_option(command: str, kubectl_program: Path) -> None:
    # A command in a command: the inner one, then the outer one.
    for line in re.split(r'[;|]|&&|"\$\(|\)"', re.sub(r"#.*", "", command)):
        if "kubectl" in line:
            script = f"{line.strip()} --help"
            env = {"PATH": f"{kubectl_program.parent}:/usr/bin:/bin", "OPCHAOS_KUBE_NAMESPACE": "mine"}
            result = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
            assert result.returncode == 0, result.stderr
