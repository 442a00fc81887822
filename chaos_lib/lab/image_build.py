"""Build the lab's images from Debian packages, without a registry."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

from chaos_lib.errors import LabError
from chaos_lib.lab.debian import disk_full, says_disk_full
from chaos_lib.lab.docker_client import buildkit_client
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.facility import Progress, ProgressSink
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX, LabImage, debian_image
from chaos_lib.lab.parallel import Job, run_side_by_side
from chaos_lib.lab.rootfs import EDITION, rootfs

# A container inherits the labels of its image. So images carry none of the labels that mark what a run
# owns (chaos_lib.labels): somebody else's container made from them would be swept.
RECIPE_LABEL = "io.opchaos.image.recipe"
_ROOTFS_NAME = f"{LOCAL_PREFIX}rootfs"
_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_LOCAL_AUTHORITIES = Path("/usr/local/share/ca-certificates")
_BUILD_S = 900.0
_IMPORT_S = 300.0


def recipe_id(image: LabImage) -> str:
    """Return the fingerprint of all that goes into an image: the recipe, its base, the host's authorities."""
    digest = hashlib.sha256()
    digest.update(repr((image.name, image.suite, image.arguments)).encode())
    for name, content in _recipe_files(image):
        digest.update(name.encode() + content)
    if image.recipe == "debian":
        digest.update(EDITION.encode() + host_authorities())
    else:
        digest.update(recipe_id(debian_image(image.suite)).encode())
    return digest.hexdigest()[:16]


def build_images(engine: Engine, images: Sequence[LabImage], cache: Path, progress: ProgressSink) -> None:
    """Build images offline; those that do not depend on each other side by side.

    Args:
        engine: Where they go.
        images: What to build; their bases are built on the way, when missing.
        cache: The kit's cache folder.
        progress: Told what is going on.

    Raises:
        LabError: A build failed; carries the last lines of its output.
        DiskFull: There was no room.
        ToolMissing: No Docker client here can build with BuildKit.
    """
    suites = dict.fromkeys(image.suite for image in images)
    for suite in suites:
        _import_rootfs(engine, suite, cache, progress)
    _build(engine, [debian_image(suite) for suite in suites], progress)
    _build(engine, [image for image in images if image.recipe != "debian"], progress)


def _import_rootfs(engine: Engine, suite: str, cache: Path, progress: ProgressSink) -> None:
    with contextlib.closing(engine.connect(timeout_s=_IMPORT_S)) as client:
        if client.api.images(name=_rootfs_image(suite), quiet=True):
            return
        path = rootfs(suite, cache, progress)
        progress(Progress(f"Importing Debian {suite}", f"{path.stat().st_size / 1e6:.0f} MB"))
        with translated("importing an image", engine):
            client.api.import_image_from_file(str(path), repository=_ROOTFS_NAME, tag=f"{suite}-{EDITION}")


def _rootfs_image(suite: str) -> str:
    return f"{_ROOTFS_NAME}:{suite}-{EDITION}"


def _build(engine: Engine, images: Sequence[LabImage], progress: ProgressSink) -> None:
    if not images:
        return
    client = buildkit_client()
    environment = {**os.environ, "DOCKER_HOST": engine.url, "DOCKER_BUILDKIT": "1"}
    environment.pop("DOCKER_CONTEXT", None)
    with contextlib.ExitStack() as stack:
        jobs = []
        for image in images:
            context = stack.enter_context(_context(image))
            base = f"{LOCAL_PREFIX}{debian_image(image.suite).name}"
            arguments = {"ROOTFS": _rootfs_image(image.suite)} if image.recipe == "debian" else {"BASE": base}
            arguments |= dict(image.arguments)
            argv = [
                str(client),
                "build",
                "--progress",
                "plain",
                "--network",
                "host",
                "--tag",
                image.local_name,
            ]
            argv += ["--label", f"{RECIPE_LABEL}={recipe_id(image)}"]
            for name, value in arguments.items():
                argv += ["--build-arg", f"{name}={value}"]
            jobs.append(Job(image.name, (*argv, str(context)), environment))

        def tell(job: Job, line: str) -> None:
            progress(Progress(f"Building {job.name}", line[:120]))

        results = run_side_by_side(jobs, timeout_s=_BUILD_S, on_line=tell)
    for job, result in zip(jobs, results, strict=True):
        if result.is_success:
            progress(Progress(f"Building {job.name}", f"done in {result.elapsed_s:.1f} s", 1.0))
        elif says_disk_full(result.output):
            raise disk_full(f"building the image {job.name}", result.last_lines)
        else:
            raise LabError(
                f"The image {job.name} could not be built.",
                evidence=result.last_lines,
                fix="Read the last lines above. Check that the Debian mirror answers (`apt-get update`), then "
                "run `opchaos up` again: what is finished is kept.",
            )


@contextlib.contextmanager
def _context(image: LabImage) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="opchaos-context-") as folder:
        context = Path(folder)
        for name, content in _recipe_files(image):
            (context / name).write_bytes(content)
        if image.recipe == "debian":
            (context / "ca-certificates.crt").write_bytes(host_authorities())
            certificates = context / "certificates"
            certificates.mkdir()
            if _LOCAL_AUTHORITIES.is_dir():
                for path in _LOCAL_AUTHORITIES.rglob("*.crt"):
                    shutil.copyfile(path, certificates / path.name)
        yield context


def _recipe_files(image: LabImage) -> Sequence[tuple[str, bytes]]:
    folder = resources.files("chaos_lib.lab").joinpath("images").joinpath(image.recipe)
    return tuple(
        (item.name, item.read_bytes()) for item in sorted(folder.iterdir(), key=lambda item: item.name)
    )


def host_authorities() -> bytes:
    """Return the certificate authorities that this host trusts, among them those of a proxy that inspects TLS."""
    for place in (*(os.environ.get(name, "") for name in _BUNDLES), str(_SYSTEM_BUNDLE)):
        if place and Path(place).is_file():
            return Path(place).read_bytes()
    return b""
