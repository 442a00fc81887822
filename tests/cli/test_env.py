"""`opchaos env` without a lab; with one it is run by the live tests of the cluster."""

from __future__ import annotations

from chaos_lib.lab import Lab


def test_without_a_lab_there_is_nothing_to_lead_a_terminal_to(cli):
    result = cli("env")

    assert result.exit_code != 0
    assert "The lab is not up" in result.output
    assert "opchaos up" in result.output


def test_what_it_prints_is_what_the_lab_gives_its_children(cli, monkeypatch):
    monkeypatch.setattr(Lab, "environment", lambda _: {"KUBECONFIG": "/a folder/config"})

    result = cli("env")

    assert "export KUBECONFIG='/a folder/config'\n" in result.output
    assert f"export OPCHAOS_RUN_ID={cli.settings.run_id()}\n" in result.output
