"""Ask for every image that the manifests name, before a node does."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.cluster_gate import ImagesOf, lab_images
from chaos_lib.defences.manifest_gate import RENDER_REASONS, Finding, ManifestGate, Project
from chaos_lib.defences.scope import IMAGE, MANIFESTS
from chaos_lib.errors import BuildFailed, EngineUnavailable, PermissionRefused, ToolTooOld


class ImageExists(ManifestGate):
    """Every image has to be on the engine, or be the one that this project's build makes.

    Args:
        images_of: Names images as the engine knows them; tests give their own.
    """

    name = "image-exists"
    title = "Image-exists check"
    facility = "containers"
    looks_at = MANIFESTS | IMAGE
    reasons: Mapping[str, str] = {
        **RENDER_REASONS,
        "IMAGE_UNKNOWN": "A manifest names an image that nobody has built.",
        "IMAGE_NOT_PINNED": "A manifest names an image without a tag: tomorrow it is another one.",
        "ENGINE_MISSING": "No Docker engine answers that could be asked for images.",
    }
    command = "docker image inspect IMAGE; docker manifest inspect IMAGE"
    all_well = "Every image that the manifests name is there."

    def __init__(self, images_of: ImagesOf = lab_images) -> None:
        self._images_of = images_of

    def judge(self, project: Project) -> Finding:
        """Look for every image."""
        images = project.everything.images()
        loose = [
            image for image in images if ":" not in image.rpartition("/")[2] or image.endswith(":latest")
        ]
        if loose:
            return Finding(
                "IMAGE_NOT_PINNED",
                detail=f"{', '.join(loose)}.",
                evidence=f"no tag, or `latest`: {', '.join(loose)}",
                remedy="Name the version that was tested: `kustomize edit set image mission-control=…:1.0.0`.",
            )
        try:
            found = self._images_of(project.context, images)
        except (EngineUnavailable, PermissionRefused, ToolTooOld) as exc:
            return Finding("ENGINE_MISSING", evidence=exc.text, remedy=exc.fix)
        except BuildFailed as exc:
            return Finding("IMAGE_UNKNOWN", detail=exc.what, evidence=exc.evidence, remedy=exc.fix)
        missing = [image for image in images if image not in found]
        if missing:
            return Finding(
                "IMAGE_UNKNOWN",
                detail=f"{', '.join(missing)}.",
                evidence=f"No such image: {', '.join(missing)}. There are: {', '.join(sorted(found)) or 'none'}",
                remedy="Correct the tag (`newTag` in the overlay), or build and push that version first.",
            )
        return Finding(numbers={"images": float(len(images))})


IMAGE_EXISTS = ImageExists()
