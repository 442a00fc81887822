"""Have the lab's images on the engine: present already, built offline, or pulled and said so."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_lib.errors import LabError, RegistryUnreachable
from chaos_lib.lab.debian import Machine, disk_full, says_disk_full, this_machine
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.facility import Progress, ProgressSink
from chaos_lib.lab.image_build import RECIPE_LABEL, build_images, recipe_id
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX, LabImage
from chaos_lib.lab.lock import exclusive
from chaos_lib.settings import Settings

if TYPE_CHECKING:
    import docker

_REGISTRY_S = 3.0
# Who insists on a registry gives a slow one more time; without a deadline a silent one would hold the engine for minutes.
_INSISTENT_S = 15.0
_PULL_S = 600.0
_LOCK_S = 900.0


@dataclass(frozen=True)
class ImageSet:
    """The images that are ready.

    Attributes:
        prefix: What stands before a logical name on this engine: `opchaos.local/`, or nothing.
        names: The logical names.
    """

    prefix: str
    names: tuple[str, ...]

    def reference(self, name: str) -> str:
        """Return the engine's name for a logical one."""
        return f"{self.prefix}{name}"


def provide_images(
    engine: Engine, images: Sequence[LabImage], settings: Settings, progress: ProgressSink
) -> ImageSet:
    """Make all images available, in the order of `settings.images`.

    Costs one API call when all are there.

    Raises:
        RegistryUnreachable: They can be neither pulled nor built here.
        DiskFull: There was no room for them.
        LabBusy: Another process has been making images for fifteen minutes.
    """
    found = find_images(engine, images, settings)
    if found is not None:
        return found
    doing = "making the images"
    with exclusive(settings.cache / "images.lock", doing, timeout_s=_LOCK_S, progress=progress):
        found = find_images(engine, images, settings)  # whoever held the lock may have made them
        if found is not None:
            return found
        return _make(engine, images, settings, progress)


def find_images(engine: Engine, images: Sequence[LabImage], settings: Settings) -> ImageSet | None:
    """Return the images when all are on the engine under one prefix; changes nothing."""
    names = tuple(image.name for image in images)
    tags = _tags(engine)
    has_local = all(_is_current(image, tags) for image in images)
    has_upstream = all(image.name in tags for image in images)
    if has_local and settings.images != "upstream":
        return ImageSet(LOCAL_PREFIX, names)
    if has_upstream and settings.images != "offline":
        return ImageSet("", names)
    return None


def _make(engine: Engine, images: Sequence[LabImage], settings: Settings, progress: ProgressSink) -> ImageSet:
    names = tuple(image.name for image in images)
    tags = _tags(engine)
    with contextlib.closing(engine.connect(timeout_s=_PULL_S)) as client:
        if settings.images == "upstream":
            for image in images:
                if image.name not in tags:
                    _pull(engine, client, image, settings, progress)
            return ImageSet("", names)
        missing = [image for image in images if not _is_current(image, tags)]
        if settings.images == "auto":
            absent = [image for image in missing if image.name not in tags]
            if not absent or not _silence(engine, _source(absent[0], settings), timeout_s=_REGISTRY_S):
                for image in absent:
                    _pull(engine, client, image, settings, progress)
                if all(image.name in tags or image in absent for image in images):
                    return ImageSet("", names)
                # Some were built here earlier: bring the others under the same prefix.
                with translated("naming an image", engine):
                    for image in missing:
                        client.api.tag(
                            image.name,
                            f"{LOCAL_PREFIX}{image.name.rpartition(':')[0]}",
                            image.name.rpartition(":")[2],
                        )
                return ImageSet(LOCAL_PREFIX, names)
        refusal = _why_not_offline(this_machine(), missing)
        if refusal is not None:
            raise refusal
        replaced = [tags[image.local_name].image_id for image in missing if image.local_name in tags]
        build_images(engine, missing, settings.cache, progress)
        _forget(client, replaced)
    return ImageSet(LOCAL_PREFIX, names)


@dataclass(frozen=True)
class _Tag:
    image_id: str
    recipe: str


def _tags(engine: Engine) -> dict[str, _Tag]:
    with contextlib.closing(engine.connect(timeout_s=30)) as client, translated("listing images", engine):
        summaries = client.api.images()
    found = {}
    for summary in summaries:
        recipe = (summary.get("Labels") or {}).get(RECIPE_LABEL, "")
        for tag in summary.get("RepoTags") or ():
            found[str(tag)] = _Tag(str(summary["Id"]), str(recipe))
    return found


def _is_current(image: LabImage, tags: dict[str, _Tag]) -> bool:
    """Whether the local name holds what the recipe makes now; an image without a recipe came from upstream."""
    tag = tags.get(image.local_name)
    return tag is not None and tag.recipe in ("", recipe_id(image))


def _source(image: LabImage, settings: Settings) -> str:
    """Return the name under which a registry has an image."""
    return (
        f"{settings.registry.strip().rstrip('/')}/{image.name}" if settings.registry.strip() else image.name
    )


def _silence(engine: Engine, source: str, *, timeout_s: float) -> str:
    """Return why a registry gives no answer about an image in time; empty when it does."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException, Timeout

    with contextlib.closing(engine.connect(timeout_s=timeout_s)) as client:
        try:
            client.api.inspect_distribution(source)  # type: ignore[no-untyped-call]
        except RequestException as exc:
            if isinstance(exc, Timeout):
                return f"{source}: no answer within {timeout_s:.0f} s"
            return str(exc)
        except DockerException as exc:
            return str(exc)
    return ""


def _pull(
    engine: Engine, client: docker.DockerClient, image: LabImage, settings: Settings, progress: ProgressSink
) -> None:
    """Pull one image; the size is announced as soon as the registry has told it."""
    source = _source(image, settings)
    step = f"Pulling {source}"
    progress(Progress(step, "the registry has not told the size yet", 0.0))
    silence = _silence(engine, source, timeout_s=_INSISTENT_S)
    if silence:
        raise _pull_failed(image, silence)
    totals: dict[str, int] = {}
    done: dict[str, int] = {}
    with translated(f"pulling {image.name}", engine):
        try:
            for news in client.api.pull(source, stream=True, decode=True):
                if "error" in news:
                    raise _pull_failed(image, str(news["error"]))
                detail = news.get("progressDetail") or {}
                layer = str(news.get("id", ""))
                if news.get("status") == "Downloading" and detail.get("total"):
                    totals[layer], done[layer] = int(detail["total"]), int(detail.get("current", 0))
                elif news.get("status") in ("Download complete", "Pull complete") and layer in totals:
                    done[layer] = totals[layer]
                if totals:
                    size = sum(totals.values())
                    text = f"{sum(done.values()) / 1e6:.1f} of {size / 1e6:.1f} MB known so far"
                    progress(Progress(step, text, sum(done.values()) / size))
            if source != image.name:
                # As a mirror of the engine would do it: here the image has its usual name.
                repository, _, tag = image.name.rpartition(":")
                client.api.tag(source, repository, tag)
                client.api.remove_image(source)
        except _api_error() as exc:
            raise _pull_failed(image, str(exc)) from exc
    progress(Progress(step, f"done, {sum(totals.values()) / 1e6:.1f} MB", 1.0))


def _api_error() -> type[Exception]:
    from docker.errors import APIError

    return APIError


def _pull_failed(image: LabImage, message: str) -> LabError:
    if says_disk_full(message):
        return disk_full(f"pulling {image.name}", message)
    return RegistryUnreachable(
        f"The image {image.name} could not be pulled.",
        evidence=message,
        fix="Check the network and the registry; OPCHAOS_REGISTRY names another one. Without one: run `opchaos up` as root on Debian with "
        "OPCHAOS_IMAGES=offline (the images are built from packages), or load them with `docker load`.",
    )


def _why_not_offline(machine: Machine, missing: Sequence[LabImage]) -> RegistryUnreachable | None:
    if machine.is_debian and machine.is_root:
        return None
    names = ", ".join(image.name for image in missing)
    return RegistryUnreachable(
        f"No image registry answers, and images can be built offline only by root on Debian: {names}.",
        evidence=f"system `{machine.distribution or 'unknown'}`, root: {machine.is_root}",
        fix="Connect to the network and run `opchaos up` again, or load the images with `docker load`, or "
        "play on the EMBEDDED tier (OPCHAOS_TIER=EMBEDDED).",
    )


def _forget(client: docker.DockerClient, image_ids: Sequence[str]) -> None:
    """Remove images that lost their name to a newer build, unless something still uses them."""
    from docker.errors import APIError

    for image_id in image_ids:
        with contextlib.suppress(APIError):
            client.api.remove_image(image_id)
