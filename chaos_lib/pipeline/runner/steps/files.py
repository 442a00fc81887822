"""Steps that work with files of the workspace."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from chaos_lib.pipeline.runner.failures import Thrown, abort
from chaos_lib.pipeline.runner.files import find
from chaos_lib.pipeline.runner.groovy.values import Value
from chaos_lib.pipeline.runner.steps.call import StepCall


def inside(call: StepCall, name: str) -> Path:
    """Return a path of the workspace, relative to the folder of the step.

    Raises:
        Thrown: It leads out of the workspace: a step must not touch what is not its own.
    """
    build = call.thread.build
    path = Path(os.path.normpath(call.thread.folder() / name))
    own = [root.resolve() for root in (build.request.workspace, build.folder)]
    if not any(path.resolve().is_relative_to(root) for root in own):
        raise abort(
            f"{call.name}: {name} is outside of the workspace. Here steps may change the workspace alone.",
            call.node,
        )
    return path


def pwd(call: StepCall) -> str:
    """Return the folder."""
    folder = call.thread.folder()
    return str(call.thread.build.folder / "tmp" if call.flag("tmp") else folder)


def file_exists(call: StepCall) -> bool:
    """Say whether a file is there."""
    return (call.thread.folder() / call.required("file")).exists()


def read_file(call: StepCall) -> str:
    """Return a file's text."""
    path = call.thread.folder() / call.required("file")
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise Thrown("java.nio.file.NoSuchFileException", str(path), node=call.node) from None
    except OSError as exc:
        raise Thrown("java.io.IOException", str(exc), node=call.node) from None


def write_file(call: StepCall) -> Value:
    """Write a file; folders are made."""
    path = inside(call, call.required("file"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(call.text("text"), encoding="utf-8")
    except OSError as exc:
        raise Thrown("java.io.IOException", str(exc), node=call.node) from None


def dir_(call: StepCall) -> Value:
    """Work in another folder of the workspace for the block."""
    path = inside(call, call.required("path") if call.name == "dir" else call.required("dir"))
    call.thread.console.line(f"Running in {path}")
    with call.thread.within(folder=path):
        return call.run_block()


def delete_dir(call: StepCall) -> Value:
    """Delete the folder's content: for the workspace itself the folder stays."""
    folder = inside(call, ".")
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def stash(call: StepCall) -> Value:
    """Keep files for a later stage of this build."""
    thread, name = call.thread, call.required("name")
    folder = thread.folder()
    kept = thread.build.folder / "stashes" / name.replace("/", "_")
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    found = find(
        folder,
        call.text("includes") or "**",
        call.text("excludes"),
        uses_default_excludes=call.flag("useDefaultExcludes", default=True),
    )
    if not found and not call.flag("allowEmpty"):
        raise abort("No files included in stash", call.node)
    for path in found:
        _copy(path, kept / path.relative_to(folder))
    with thread.build.lock:
        thread.build.stashes[name] = kept
    thread.console.line(f"Stashed {len(found)} file(s)")


def unstash(call: StepCall) -> Value:
    """Bring kept files into the folder."""
    name = call.required("name")
    kept = call.thread.build.stashes.get(name)
    if kept is None:
        raise abort(f"No such saved stash ‘{name}’", call.node)
    for path in find(kept, "**", uses_default_excludes=False):
        _copy(path, inside(call, path.relative_to(kept).as_posix()))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)
