"""What `pip` and `uv` need inside a build on a machine with a package mirror, a proxy or a certificate authority of its own.

It is read from the machine when a build starts, reaches the build as BuildKit secrets and predefined arguments, and so is in no
layer, no history and no file of the project.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chaos_lib.lab.image_build import host_authorities

PIP_SECRET = "pip"  # noqa: S105 - the id of a secret, not a secret
UV_SECRET = "uv"  # noqa: S105
CA_SECRET = "ca"  # noqa: S105
_CA_IN_BUILD = f"/run/secrets/{CA_SECRET}"
# Settings of pip that mean the same inside a container. Folders and files of this machine do not.
_PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries")
# BuildKit knows these arguments without an ARG, and keeps them out of the history.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class HostTrust:
    """What the machine tells a build.

    Attributes:
        pip: Content of a pip.conf.
        uv: Content of a uv.toml that says the same.
        authorities: Certificates in PEM; empty when the machine has no bundle.
        proxies: Predefined build arguments: name to value.
    """

    pip: str
    uv: str
    authorities: bytes
    proxies: Mapping[str, str]

    def options(self, folder: Path) -> tuple[str, ...]:
        """Return options for `docker build`; the secrets' files are written to a folder that is deleted after the build."""
        options: list[str] = []
        secrets = (
            (PIP_SECRET, self.pip.encode()),
            (UV_SECRET, self.uv.encode()),
            (CA_SECRET, self.authorities),
        )
        for name, content in secrets:
            if content:
                path = folder / f"{name}.secret"
                path.touch(mode=0o600)
                path.write_bytes(content)
                options += ["--secret", f"id={name},src={path}"]
        for name, value in self.proxies.items():
            options += ["--build-arg", f"{name}={value}"]
        if any(_is_this_machine(value) for value in self.proxies.values()):
            options += ["--network", "host"]
        return tuple(options)


def host_trust(environment: Mapping[str, str] = os.environ) -> HostTrust:
    """Read the machine's own configuration.

    Args:
        environment: Variables of this process.
    """
    settings = _pip_settings(environment)
    authorities = host_authorities()
    uv = _uv_settings(settings, has_authorities=bool(authorities))
    if authorities:
        settings["cert"] = _CA_IN_BUILD
    lines = [f"{name} = {value}" for name, value in settings.items()]
    proxies = {
        name: value
        for name in _PROXIES
        if (value := environment.get(name) or environment.get(name.lower(), ""))
    }
    return HostTrust("\n".join(["[global]", *lines, ""]) if lines else "", uv, authorities, proxies)


def _uv_settings(pip: Mapping[str, str], *, has_authorities: bool) -> str:
    lines = ["system-certs = true"] if has_authorities else []
    if "index-url" in pip:
        lines.append(f"index-url = {json.dumps(pip['index-url'])}")
    for name, own in (("extra-index-url", "extra-index-url"), ("trusted-host", "allow-insecure-host")):
        if name in pip:
            lines.append(f"{own} = {json.dumps(pip[name].split())}")
    return "\n".join([*lines, ""]) if lines else ""


def _pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings as pip itself would find them: global, user, environment's files, then variables."""
    found: dict[str, str] = {}
    for place in _pip_files(environment):
        reader = configparser.RawConfigParser()
        try:
            reader.read(place, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if reader.has_section(section):
                found |= {name.replace("_", "-"): value for name, value in reader.items(section)}
    found |= {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environment.items()
        if name.startswith("PIP_")
    }
    if "default-timeout" in found:
        found.setdefault("timeout", found["default-timeout"])
    kept = {}
    for name in _PIP_SETTINGS:
        # A folder of this machine is not there in the container.
        words = [word for word in found.get(name, "").split() if not word.startswith(("file:", "/", "."))]
        if words:
            kept[name] = " ".join(words)
    return kept


def _pip_files(environment: Mapping[str, str]) -> list[Path]:
    home = Path(environment.get("HOME") or Path.home())
    config_home = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    places = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), home / ".pip/pip.conf"]
    places += [config_home / "pip/pip.conf", Path(sys.prefix) / "pip.conf"]
    if environment.get("PIP_CONFIG_FILE"):
        places.append(Path(environment["PIP_CONFIG_FILE"]))
    return places


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    return host == "localhost" or re.match(r"127\.", host) is not None
