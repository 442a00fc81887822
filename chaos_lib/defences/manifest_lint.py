"""Lint the YAML of the manifests, and check every object against the schema of the releases it has to run on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from chaos_lib.cluster.objects import Json, key_of
from chaos_lib.defences.manifest_gate import RENDER_REASONS, Finding, ManifestGate, Project

# The lab's own cluster.
OLDEST = "1.20"
# The schemas at hand begin with a later release; what that one has and 1.20 has not, of what people use.
# Source: the changelogs of Kubernetes 1.21 to 1.23.
_SINCE: Mapping[tuple[str, str], str] = {
    ("policy/v1", "PodDisruptionBudget"): "1.21",
    ("batch/v1", "CronJob"): "1.21",
    ("discovery.k8s.io/v1", "EndpointSlice"): "1.21",
    ("autoscaling/v2", "HorizontalPodAutoscaler"): "1.23",
}
_RULES = """
extends: default
rules:
  document-start: disable
  line-length: disable
  comments: disable
  comments-indentation: disable
  braces: disable
  brackets: disable
  truthy: disable
  empty-lines: disable
  trailing-spaces: disable
  new-line-at-end-of-file: disable
  indentation: {spaces: consistent, indent-sequences: whatever}
"""
# Helm's templates are no YAML before they are rendered, and eksctl's file is no Kubernetes object.
_NOT_LINTED = ("templates",)


class ManifestLint(ManifestGate):
    """yamllint on every file, then the schemas of the oldest and the newest release at hand on every rendered object.

    For years `kubeval` did this; it is retired. `kubeconform` took its place; `kubernetes-validate` carries the schemas of
    a dozen releases with it and works without internet. For releases older than those, API versions that came later are
    known by name; the server's own word is the dry run.
    """

    name = "manifest-lint"
    title = "YAML lint and schema check"
    reasons: Mapping[str, str] = {
        **RENDER_REASONS,
        "YAML_BROKEN": "A manifest is no valid YAML.",
        "UNKNOWN_FIELD": "A manifest has a field that Kubernetes does not know: it would be ignored, or refused.",
        "SCHEMA_INVALID": "A manifest does not fit the schema.",
        "API_VERSION_REMOVED": "A manifest asks for an API version that Kubernetes does not serve any more.",
        "API_VERSION_TOO_NEW": f"A manifest asks for an API version that Kubernetes {OLDEST} does not serve yet.",
    }
    command = "yamllint -d relaxed k8s/base k8s/overlays; kubectl kustomize k8s/overlays/blue | kubeconform -strict -kubernetes-version 1.20.0"
    all_well = f"The manifests are valid, for Kubernetes {OLDEST} and for the newest release."

    def judge(self, project: Project) -> Finding:
        """Lint, render, then check every object against both schemas."""
        broken = lint(project.root)
        if broken:
            return Finding(
                "YAML_BROKEN",
                evidence=broken,
                remedy="Correct that line, often the one before it: YAML means by indentation, two spaces a level.",
            )
        for body in project.everything:
            for version in (oldest(), newest()):
                found = check(body, version) or _too_new(body)
                if found is not None:
                    return found
        return Finding()


def lint(root: Path) -> str:
    """Return the errors of every YAML file below a folder, a line each: `deployment.yaml:12:3: …`; empty when there are none."""
    from yamllint import linter
    from yamllint.config import YamlLintConfig

    rules, found = YamlLintConfig(_RULES), []
    for path in sorted(root.rglob("*.yaml")):
        relative = path.relative_to(root)
        if set(_NOT_LINTED) & set(relative.parts):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        problems = [p for p in linter.run(text, rules) if p.level == "error"]
        lines = text.splitlines()
        for problem in problems[:3]:
            line = lines[problem.line - 1].strip() if problem.line <= len(lines) else ""
            found.append(
                f"k8s/{relative.as_posix()}:{problem.line}:{problem.column}: {problem.desc}\n    {line}"
            )
    return "\n".join(found)


def oldest() -> str:
    """Return the oldest release whose schemas are here, such as `1.25`."""
    import kubernetes_validate

    return _minor(kubernetes_validate.utils.all_versions()[0])


def newest() -> str:
    """Return the newest release whose schemas are here, such as `1.37`."""
    import kubernetes_validate

    return _minor(kubernetes_validate.latest_version())


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _too_new(body: Json) -> Finding | None:
    key = key_of(body)
    since = _SINCE.get((key.api_version, key.kind))
    if since is None:
        return None
    return Finding(
        "API_VERSION_TOO_NEW",
        detail=f"{key.in_words} is written for {key.api_version}, which came with {since}.",
        evidence=f'no matches for kind "{key.kind}" in version "{key.api_version}" (Kubernetes {OLDEST})',
        remedy="Keep it apart from the rest (k8s/addons), and apply it only where the server has it.",
    )


def check(body: Json, version: str) -> Finding | None:
    """Check an object against the schema of a release; None when it fits."""
    return _check(json.dumps(body, sort_keys=True, default=str), version)


# Reading a release's schemas takes a moment for each object, and most objects are the same as at the last look.
@lru_cache(maxsize=1024)
def _check(text: str, version: str) -> Finding | None:
    import kubernetes_validate

    body = json.loads(text)
    key = key_of(body)
    try:
        kubernetes_validate.validate(body, version, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return Finding(
            "API_VERSION_REMOVED",
            detail=f"{key.in_words} is written for {key.api_version}.",
            evidence=f'no matches for kind "{key.kind}" in version "{key.api_version}" (Kubernetes {version})',
            remedy=f"Write the version that it does serve: {_served(key.kind, version)}. "
            "`kubectl api-resources` lists them for a cluster.",
        )
    except kubernetes_validate.ValidationError as exc:
        where = ".".join(str(part) for part in exc.path) or "the object itself"
        message = _shortened(str(exc.message))
        is_unknown = "Additional properties are not allowed" in message
        return Finding(
            "UNKNOWN_FIELD" if is_unknown else "SCHEMA_INVALID",
            detail=f"{key.in_words}, at {where}.",
            evidence=f"{message} (Kubernetes {version})",
            remedy=f"`kubectl explain {key.kind.lower()}.{_without_numbers(exc.path)}` lists what may stand there.",
        )
    return None


def _served(kind: str, version: str) -> str:
    """Name the API versions in which a release knows a kind."""
    from importlib.resources import files

    folder = files("kubernetes_validate") / "kubernetes-json-schema"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.startswith(f"v{version}."))
    if not names:
        return "see the documentation of that release"
    pattern = re.compile(rf"{re.escape(kind.lower())}-(?P<version>[a-z0-9-]+)\.json")
    found = (pattern.fullmatch(entry.name) for entry in (folder / names[0]).iterdir())
    versions = sorted(match["version"].replace("-", "/") for match in found if match)
    return ", ".join(versions) or "none: the kind is gone"


def _shortened(message: str) -> str:
    return message if len(message) < 400 else f"{message[:200]} … {message[-180:]}"


def _without_numbers(path: Iterable[object]) -> str:
    return ".".join(str(part) for part in path if not isinstance(part, int))


MANIFEST_LINT = ManifestLint()
