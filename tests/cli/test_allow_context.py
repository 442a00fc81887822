from __future__ import annotations

import pytest
from typer.testing import CliRunner

from chaos_lib.cli import app
from chaos_lib.contexts import Contexts

KUBECONFIG = """
current-context: production
contexts: [{name: sandbox, context: {cluster: small}}, {name: production, context: {cluster: big}}]
clusters: [{name: small, cluster: {server: "https://127.0.0.1:6443"}}, {name: big, cluster: {server: "https://big.invalid"}}]
"""


@pytest.fixture
def kubeconfig(tmp_path, monkeypatch):
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def answer(cli, answers, *arguments):
    return CliRunner().invoke(app, ["allow-context", *arguments], input=answers, prog_name="opchaos")


def test_a_context_is_allowed_after_two_times_yes(cli, kubeconfig):
    result = answer(cli, "y\ny\n", "sandbox", "--hours", "1")

    assert result.exit_code == 0
    assert "https://127.0.0.1:6443" in result.output
    assert "is allowed until" in result.output
    (allowed,) = Contexts(cli.settings.state).allowed()
    assert (allowed.name, allowed.kubeconfig) == ("sandbox", kubeconfig.resolve())
    assert "`sandbox`" in cli("allow-context").output


@pytest.mark.parametrize("answers", ["n\n", "y\nn\n", "\n", ""])
def test_without_two_times_yes_nothing_is_allowed(cli, kubeconfig, answers):
    result = answer(cli, answers, "sandbox")

    assert "is allowed until" not in result.output
    assert Contexts(cli.settings.state).allowed() == ()
    assert kubeconfig.read_text() == KUBECONFIG


def test_what_was_allowed_can_be_withdrawn(cli, kubeconfig):
    answer(cli, "y\ny\n", "sandbox")

    assert "not allowed any more" in cli("allow-context", "sandbox", "--withdraw").output
    assert "was not allowed" in cli("allow-context", "sandbox", "--withdraw").output
    assert "No context is allowed" in cli("allow-context").output


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], ["sandbox", "--hours", "25"], ["--withdraw"], ["sandbox", "--kubeconfig", "none"]],
)
def test_what_cannot_be_allowed_is_told(cli, kubeconfig, arguments):
    result = answer(cli, "y\ny\n", *arguments)

    assert result.exit_code not in (0, None)
    assert Contexts(cli.settings.state).allowed() == ()
