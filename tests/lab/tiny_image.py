"""An image of one program, made without a registry in a moment: `sleep` with its libraries."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker


def tiny_tar() -> bytes:
    """Return a root file system with /bin/sleep."""
    program = shutil.which("sleep")
    assert program is not None
    libraries = re.findall(
        r"(/[^ ]+) \(0x", subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as tar:
        tar.add(program, "bin/sleep")
        for library in libraries:
            tar.add(Path(library).resolve(), library.lstrip("/"))
    return buffer.getvalue()


@contextlib.contextmanager
def tiny_image(client: docker.DockerClient) -> Iterator[str]:
    """Import it under a name of its own; removed afterwards."""
    name = f"tiny-{uuid.uuid4().hex[:8]}"
    client.api.import_image_from_data(tiny_tar(), repository=name, tag="1")
    try:
        yield f"{name}:1"
    finally:
        client.images.remove(f"{name}:1", force=True)
