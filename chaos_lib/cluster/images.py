"""Which images the pods of a project get: its own is built from the workspace, others as the lab calls them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.image_catalogue import LAB_IMAGES, LOCAL_PREFIX
from chaos_lib.settings import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "mission-control"


@dataclass(frozen=True)
class ProjectImages:
    """The images of one workspace on one engine.

    Attributes:
        workspace: The project.
        settings: Whose mission.
        engine: Where images are.
    """

    workspace: Path
    settings: Settings
    engine: Engine

    @property
    def own(self) -> str:
        """The image that this project's build makes, as manifests name it: `mission-control:1.0.0`."""
        return f"{NAME}:{version_of(self.workspace)}"

    def provide_own(self) -> str:
        """Build the project's image, and return its name on the engine; unchanged, it comes from BuildKit's cache.

        The name holds the image's own id: another content is another name, so that a Deployment rolls it out, and what is
        deployed is exactly what was built.

        Raises:
            BuildFailed: It cannot be built.
        """
        from chaos_lib.lab.builds.image_builder import ImageBuilder

        built = ImageBuilder(self.engine, self.settings).build(self.workspace)
        tag = built.image_id.removeprefix("sha256:")[:12]
        name = mission_images.image_name(self.settings.run_id(), tag)
        with (
            contextlib.closing(self.engine.connect()) as client,
            translated("naming an image", self.engine),
        ):
            client.api.tag(built.image_id, name.rpartition(":")[0], tag)
        return name

    def found(self, images: Sequence[str]) -> Mapping[str, str]:
        """Return those that can be had without a registry: as written, to what the engine calls them.

        Args:
            images: As manifests name them.
        """
        from chaos_lib.errors import BuildFailed, RegistryUnreachable

        names = {image.name: image.local_name for image in LAB_IMAGES}
        found = {}
        for written in images:
            if written == self.own:
                with contextlib.suppress(BuildFailed, RegistryUnreachable):
                    found[written] = self.provide_own()
                continue
            for name in (written, names.get(written, f"{LOCAL_PREFIX}{written}")):
                if mission_images.inspect(self.engine, name) is not None:
                    found[written] = name
                    break
        return found


def version_of(workspace: Path) -> str:
    """Return the project's version from its pyproject.toml; `dev` when it has none."""
    path = workspace / "pyproject.toml"
    if not path.is_file():
        return "dev"
    project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    return str(project.get("version", "dev"))
