"""The manifests of a project: rendered by kubectl's own kustomize, read, and led to another namespace or other images."""

from __future__ import annotations

import copy
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chaos_lib.cluster.objects import Json, containers_of, in_order, name_of
from chaos_lib.command import Command
from chaos_lib.errors import CommandFailed, InvalidAnswer

FOLDER = "k8s"
COLOURS = ("blue", "green")
SECRET_NAME = "secret.env"  # noqa: S105 - a file's name
_CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass"}
_RENDER_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Manifests:
    """Rendered objects.

    Attributes:
        objects: In the order in which they should be applied.
    """

    objects: tuple[Json, ...]

    def __iter__(self) -> Iterator[Json]:
        return iter(self.objects)

    def of_kind(self, *kinds: str) -> list[Json]:
        """Return the objects of these kinds."""
        return [body for body in self.objects if body.get("kind") in kinds]

    def find(self, kind: str, name: str) -> Json | None:
        """Return one object, or None."""
        return next((body for body in self.of_kind(kind) if name_of(body) == name), None)

    def images(self) -> list[str]:
        """Return every image that a container asks for, sorted, each once."""
        found = {str(c.get("image", "")) for body in self.objects for c in containers_of(body)}
        return sorted(found - {""})

    def without(self, *kinds: str) -> Manifests:
        """Return the others."""
        return Manifests(tuple(body for body in self.objects if body.get("kind") not in kinds))

    def in_namespace(self, namespace: str) -> Manifests:
        """Return them for another namespace: what `namespace:` in a kustomization around them would do."""
        return Manifests(tuple(_moved(body, namespace) for body in self.objects))

    def with_images(self, images: Mapping[str, str]) -> Manifests:
        """Return them with other images: what `kustomize edit set image` would do.

        Args:
            images: Image as it is written, to image that is used; others stay.
        """
        return self._changed(lambda spec: _exchange_images(spec, images))

    def _changed(self, change: Callable[[dict[str, Any]], None]) -> Manifests:
        changed = []
        for body in self.objects:
            copied = copy.deepcopy(dict(body))
            for container in containers_of(copied):
                assert isinstance(container, dict)
                change(container)
            changed.append(copied)
        return Manifests(tuple(changed))


def render(folder: Path, kubectl: Path) -> Manifests:
    """Render a kustomization: `kubectl kustomize FOLDER`.

    Raises:
        CommandFailed: It cannot be rendered; kubectl's own words are the evidence.
        InvalidAnswer: What it rendered are no objects.
    """
    result = Command([str(kubectl), "kustomize", "."], cwd=folder).run(timeout_s=_RENDER_TIMEOUT_S)
    if not result.is_success:
        raise CommandFailed(
            f"`kubectl kustomize` ended with exit code {result.exit_code}.",
            evidence=_without_warnings(result.output),
            fix="Read the evidence: it names the file, and often the line.",
        )
    return parse(_without_warnings(result.output), where=folder.name)


def render_all(root: Path, parts: Sequence[str], kubectl: Path) -> Manifests:
    """Render several folders below `root` into one: a kustomization around them, and a single call of kubectl.

    Raises:
        CommandFailed: They cannot be rendered; kubectl's own words are the evidence.
        InvalidAnswer: What it rendered are no objects.
    """
    if len(parts) == 1:
        return render(root / parts[0], kubectl)
    with tempfile.TemporaryDirectory(prefix="opchaos-k8s-") as folder:
        bases = [os.path.relpath((root / part).resolve(), Path(folder).resolve()) for part in parts]
        text = yaml.safe_dump({"bases": bases})
        (Path(folder) / "kustomization.yaml").write_text(text, encoding="utf-8")
        return render(Path(folder), kubectl)


def parse(text: str, *, where: str) -> Manifests:
    """Read objects from YAML.

    Raises:
        InvalidAnswer: It is no YAML, or a document is no object with a kind.
    """
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.YAMLError as exc:
        raise InvalidAnswer(
            f"`{where}` is no valid YAML; nothing was written.",
            evidence=str(exc),
            fix="Correct the line that the evidence names.",
        ) from exc
    wrong = next((d for d in documents if not isinstance(d, dict) or not d.get("kind")), None)
    if wrong is not None:
        raise InvalidAnswer(
            f"`{where}` holds something that is no Kubernetes object.",
            evidence=str(wrong)[:200],
            fix="Every document needs apiVersion, kind and metadata.name.",
        )
    return Manifests(tuple(in_order(documents)))


def provide_secret(root: Path) -> bool:
    """Write the file that the Secret is made of, with a random password, when it is not there.

    Args:
        root: The folder `k8s`.

    Returns:
        Whether it was written.
    """
    path = root / "secrets" / SECRET_NAME
    if path.exists() or not path.parent.is_dir():
        return False
    password = secrets.token_urlsafe(18)
    address = f"postgresql://mission:{password}@postgres:5432/mission_control"
    path.touch(mode=0o600)
    path.write_text(f"POSTGRES_PASSWORD={password}\nMISSION_DATABASE_URL={address}\n", encoding="utf-8")
    return True


def _moved(body: Json, namespace: str) -> Json:
    copied: dict[str, Any] = copy.deepcopy(dict(body))
    old = copied.get("metadata", {}).get("namespace")
    if copied.get("kind") == "Namespace":
        copied["metadata"]["name"] = namespace
    elif copied.get("kind") not in _CLUSTER_WIDE:
        copied.setdefault("metadata", {})["namespace"] = namespace
    for subject in copied.get("subjects") or ():
        if subject.get("kind") == "ServiceAccount" and subject.get("namespace") in (None, old):
            subject["namespace"] = namespace
    return copied


def _exchange_images(container: dict[str, Any], images: Mapping[str, str]) -> None:
    written = str(container.get("image", ""))
    container["image"] = images.get(written, written)


def _without_warnings(output: str) -> str:
    """Drop kubectl's hints on fields that newer releases call by other names: old ones know only these."""
    return "\n".join(line for line in output.splitlines() if not line.startswith("# Warning:"))
