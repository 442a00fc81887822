"""Look for secrets in every layer of the image, also where a later layer deleted them, and in its history."""

from __future__ import annotations

import contextlib
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from chaos_lib import scratch
from chaos_lib.defences.image_gate import BUILD_REASONS, Bench, Finding, ImageGate
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.engine_errors import translated

_LARGEST_FILE = 512_000
_SHOWN = 8
# Names of files that have no business in an image.
_NAMES = re.compile(
    r"(^|/)(\.env(\.\w+)?|ci\.env|id_(rsa|dsa|ecdsa|ed25519)|\.pypirc|\.netrc|\.npmrc|\.git/config|\.aws/credentials"
    r"|\.docker/config\.json|kubeconfig|[^/]*\.(key|p12|pfx))$"
)
# What a secret looks like inside a file. A certificate is none.
_CONTENTS = (
    ("a private key", re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}")),
    ("an access key of a cloud", re.compile(rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (
        "a token",
        re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20}|pypi-AgE[A-Za-z0-9_-]{40})"),
    ),
)
_VARIABLE = re.compile(
    r"\b(\w*(?:TOKEN|PASSWORD|PASSWD|SECRET|API_?KEY|PRIVATE_KEY)\w*)=(\S+)", re.IGNORECASE
)


class SecretScan(ImageGate):
    """No key, no token and no `.git` is in any layer or in the history of the image."""

    name = "secret-scan"
    title = "Scan for secrets"
    command = "docker save mission-control | tar -xO … | grep -a 'PRIVATE KEY'; docker history --no-trunc mission-control"
    all_well = "There is no secret in the layers and in the history."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        "SECRET_IN_LAYER": "A secret is in a layer of the image: whoever has the image has the secret.",
        "SECRET_IN_HISTORY": "A secret is in the history of the image: `docker history` shows it to everybody.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Read the history, then every layer that the base did not bring."""
        report = bench.build()
        shown = _in_history(bench, report)
        if shown:
            return Finding(
                "SECRET_IN_HISTORY",
                evidence="\n".join(shown[:_SHOWN]),
                remedy="Never pass a secret by ARG or ENV. Mount it for one step: RUN --mount=type=secret,id=…",
            )
        found = list(dict.fromkeys(_in_layers(bench, report)))
        if found:
            return Finding(
                "SECRET_IN_LAYER",
                evidence="\n".join(found[:_SHOWN]),
                remedy="Keep it out with .dockerignore and copy only what is needed. Deleting it in a later layer does "
                "not help. Then replace the secret: it has been seen.",
                numbers={"secrets": len(found)},
            )
        return Finding()


def _in_history(bench: Bench, report: BuildReport) -> list[str]:
    config = (mission_images.inspect(bench.engine, report.image) or {}).get("Config") or {}
    base = (
        (mission_images.inspect(bench.engine, report.base) or {}).get("Config") or {} if report.base else {}
    )
    variables = [item for item in config.get("Env") or () if item not in (base.get("Env") or ())]
    with (
        contextlib.closing(bench.engine.connect()) as client,
        translated("reading the history", bench.engine),
    ):
        history: list[dict[str, Any]] = client.api.history(report.image)  # type: ignore[no-untyped-call]
        known = len(client.api.history(report.base)) if report.base else 0  # type: ignore[no-untyped-call]
    lines = [str(item.get("CreatedBy", "")) for item in history[: len(history) - known]]
    found = []
    for place, texts in (("ENV", variables), ("history", lines)):
        for text in texts:
            for name, value in _VARIABLE.findall(text):
                if (
                    value.strip("\"'") not in ("", "$" + name, "${" + name + "}")
                    and "/run/secrets" not in value
                ):
                    found.append(f"{place}: {name}={value[:2]}…")
    return list(dict.fromkeys(found))


def _in_layers(bench: Bench, report: BuildReport) -> Iterator[str]:
    base = mission_images.inspect(bench.engine, report.base) if report.base else None
    from_base = len(base["RootFS"]["Layers"]) if base else 0
    with scratch.folder(bench.settings, "layers") as folder:
        path = folder / "image.tar"
        with (
            contextlib.closing(bench.engine.connect(timeout_s=120)) as client,
            translated("saving the image", bench.engine),
            path.open("wb") as file,
        ):
            for chunk in client.api.get_image(report.image):
                file.write(chunk)
        with tarfile.open(path) as image:
            manifest = json.load(_member(image, "manifest.json"))
            for number, name in enumerate(manifest[0]["Layers"][from_base:], start=1):
                with tarfile.open(fileobj=_member(image, name)) as layer:
                    yield from _in_layer(layer, number)


def _in_layer(layer: tarfile.TarFile, number: int) -> Iterator[str]:
    for item in layer:
        if not item.isfile() or item.name.rpartition("/")[2].startswith(".wh."):
            continue
        if _NAMES.search(item.name):
            yield f"layer {number}: /{item.name}"
        elif 0 < item.size <= _LARGEST_FILE:
            file = layer.extractfile(item)
            content = file.read() if file is not None else b""
            for what, pattern in _CONTENTS:
                if pattern.search(content):
                    yield f"layer {number}: /{item.name} holds {what}"


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    assert file is not None, name
    return file


SECRET_SCAN = SecretScan()
