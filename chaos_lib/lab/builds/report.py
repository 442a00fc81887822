"""What a build made and how."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.lab.builds.steps import BuildStep


@dataclass(frozen=True)
class Layer:
    """One layer of an image.

    Attributes:
        created_by: The instruction that made it, on one line.
        size_bytes: What it adds.
        is_base: Whether it came with the base image.
    """

    created_by: str
    size_bytes: int
    is_base: bool


@dataclass(frozen=True)
class BuildReport:
    """A build that succeeded.

    Attributes:
        image: The image's name on the engine.
        image_id: `sha256:…`.
        base: The base image of the last stage, as the engine knows it; empty when it is `scratch`.
        size_bytes: The whole image.
        layers: The lowest first; empty layers are left out.
        steps: What BuildKit did, in order.
        elapsed_s: Seconds from the call to the finished image.
        command: What a practitioner would type.
    """

    image: str
    image_id: str
    base: str
    size_bytes: int
    layers: tuple[Layer, ...]
    steps: tuple[BuildStep, ...]
    elapsed_s: float
    command: str

    @property
    def own_steps(self) -> tuple[BuildStep, ...]:
        """The steps of the Dockerfile that do something, in its order: without FROM and BuildKit's own work."""
        found = [step for step in self.steps if step.instruction and not step.instruction.startswith("FROM ")]
        # BuildKit tells of cached steps in any order. Stages go by their first appearance, named ones first.
        stages = list(dict.fromkeys(step.stage for step in found))
        stages.sort(key=lambda stage: stage.startswith("stage-"))
        return tuple(sorted(found, key=lambda step: (stages.index(step.stage), step.position)))

    @property
    def cached(self) -> int:
        """How many steps of the Dockerfile came from the cache."""
        return sum(step.is_cached for step in self.own_steps)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Lines in which a step warned."""
        return tuple(
            line
            for step in self.own_steps
            for line in step.output
            if line.upper().startswith(("WARNING", "WARN:", "DEPRECATION"))
        )

    @property
    def added_bytes(self) -> int:
        """What the image adds to its base."""
        return sum(layer.size_bytes for layer in self.layers if not layer.is_base)
