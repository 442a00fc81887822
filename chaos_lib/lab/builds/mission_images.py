"""The images of one mission on an engine: their names, their labels, what is in them, and how they go."""

from __future__ import annotations

import contextlib
from typing import Any

from chaos_lib.lab.builds.report import Layer
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX

# Not the labels of chaos_lib.labels: a container inherits the labels of its image, and a container that somebody starts
# from a mission's image by hand is theirs.
RUN_LABEL = "io.opchaos.image.run"


def image_name(run_id: str, tag: str) -> str:
    """Return the name of a mission's image: no other mission has it, and no registry either."""
    return f"{LOCAL_PREFIX}run-{run_id}/mission-control:{tag}"


def inspect(engine: Engine, image: str) -> dict[str, Any] | None:
    """Return what the engine knows of an image; None when it has none of that name."""
    from docker.errors import ImageNotFound

    with contextlib.closing(engine.connect()) as client, translated("looking at an image", engine):
        try:
            found: dict[str, Any] = client.api.inspect_image(image)  # type: ignore[no-untyped-call]
        except ImageNotFound:
            return None
        return found


def layers_of(engine: Engine, image: str, base: str) -> tuple[Layer, ...]:
    """Return the layers of an image, the lowest first, without the empty ones.

    Args:
        engine: Where it is.
        image: Its name or id.
        base: Name of its base image; empty when it has none.
    """
    with contextlib.closing(engine.connect()) as client, translated("looking at an image's layers", engine):
        history = client.api.history(image)  # type: ignore[no-untyped-call]
        from_base = len(client.api.history(base)) if base else 0  # type: ignore[no-untyped-call]
    lowest_first = list(reversed(history))
    return tuple(
        Layer(_instruction(str(item.get("CreatedBy", ""))), int(item["Size"]), number < from_base)
        for number, item in enumerate(lowest_first)
        if int(item["Size"]) > 0
    )


def remove(engine: Engine, image_id: str) -> bool:
    """Remove an image that lost its name, unless something uses it; whether it is gone."""
    from docker.errors import APIError, ImageNotFound

    with contextlib.closing(engine.connect()) as client:
        try:
            client.api.remove_image(image_id)
        except ImageNotFound:
            return True
        except APIError:
            return False
    return True


def of_run(engine: Engine, run_id: str) -> tuple[str, ...]:
    """Return the names of a mission's images; the id for one that has lost its name."""
    with contextlib.closing(engine.connect()) as client, translated("listing images", engine):
        found = client.api.images(filters={"label": f"{RUN_LABEL}={run_id}"})
    return tuple(
        sorted(
            str(name)
            for item in found
            for name in ([t for t in item.get("RepoTags") or () if t != "<none>:<none>"] or [item["Id"]])
        )
    )


def remove_run(engine: Engine, run_id: str) -> tuple[str, ...]:
    """Remove all images of a mission; returns their names. One that somebody's container uses stays."""
    names = of_run(engine, run_id)
    return tuple(name for name in names if remove(engine, name))


def _instruction(created_by: str) -> str:
    text = created_by.replace("/bin/sh -c #(nop)", "").replace("# buildkit", "")
    text = text.replace("/bin/sh -c ", "")
    if text.startswith("RUN |"):
        # "RUN |2 A=1 B=2 pip install": the build arguments are not part of the instruction.
        count = int(text[5:].split()[0])
        text = "RUN " + " ".join(text.split()[2 + count :])
    return " ".join(text.split()) or "(imported file system)"
