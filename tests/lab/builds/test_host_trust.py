"""What a machine with a mirror, a proxy or an authority of its own tells a build, and what it keeps to itself."""

from __future__ import annotations

import stat

import pytest

from chaos_lib.lab.builds import host_trust as module
from chaos_lib.lab.builds.host_trust import HostTrust, host_trust


@pytest.fixture
def quiet_machine(monkeypatch, tmp_path):
    """A machine without any configuration of pip; returns the environment to add to."""
    monkeypatch.setattr(module, "host_authorities", lambda: b"")
    monkeypatch.setattr(module, "_pip_files", lambda environment: [tmp_path / "pip.conf"])
    return {"HOME": str(tmp_path)}


def test_a_machine_without_configuration_tells_nothing(quiet_machine, tmp_path):
    trust = host_trust(quiet_machine)

    assert (trust.pip, trust.uv, trust.authorities, dict(trust.proxies)) == ("", "", b"", {})
    assert trust.options(tmp_path) == ()


def test_a_mirror_reaches_pip_and_uv_from_file_and_variables(quiet_machine, tmp_path):
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\nfind-links = /here\nextra-index-url = file:///there\n"
    )
    trust = host_trust({**quiet_machine, "PIP_TRUSTED_HOST": "mirror.example", "PIP_DEFAULT_TIMEOUT": "99"})

    assert trust.pip.splitlines() == [
        "[global]",
        "index-url = https://mirror.example/simple",
        "trusted-host = mirror.example",
        "timeout = 99",
    ]
    assert 'index-url = "https://mirror.example/simple"' in trust.uv
    assert 'allow-insecure-host = ["mirror.example"]' in trust.uv


def test_variables_go_before_files(quiet_machine, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://one.example\n[broken")
    found = host_trust({**quiet_machine, "PIP_INDEX_URL": "https://two.example"})

    assert "two.example" in found.pip
    assert "one.example" not in found.pip


def test_authorities_are_a_secret_that_pip_is_pointed_at(quiet_machine, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "host_authorities", lambda: b"PEM")
    trust = host_trust(quiet_machine)

    options = trust.options(tmp_path)

    assert "cert = /run/secrets/ca" in trust.pip
    assert "system-certs = true" in trust.uv
    secrets = {option.partition(",src=")[0]: option.partition(",src=")[2] for option in options[1::2]}
    assert set(secrets) == {"id=pip", "id=uv", "id=ca"}
    assert (tmp_path / "ca.secret").read_bytes() == b"PEM"
    assert stat.S_IMODE((tmp_path / "pip.secret").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("proxy", "needs_host"),
    [("http://proxy.example:3128", False), ("http://localhost:3128", True), ("127.0.0.1:3128", True)],
)
def test_a_proxy_on_this_machine_needs_the_machine_s_network(tmp_path, proxy, needs_host):
    options = HostTrust("", "", b"", {"HTTPS_PROXY": proxy}).options(tmp_path)

    assert options[:2] == ("--build-arg", f"HTTPS_PROXY={proxy}")
    assert ("--network" in options) is needs_host


def test_proxies_are_read_in_both_spellings(quiet_machine):
    trust = host_trust({**quiet_machine, "https_proxy": "http://a", "NO_PROXY": "b"})

    assert dict(trust.proxies) == {"HTTPS_PROXY": "http://a", "NO_PROXY": "b"}
