"""Build Kubernetes from Debian's source package, with Debian's Go; nothing is installed, nothing else is needed."""

from __future__ import annotations

import os
import platform
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from chaos_lib.command import Command
from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.apt_sources import debian_mirror
from chaos_lib.lab.cluster.build.archive import Archive
from chaos_lib.lab.debian import disk_full, says_disk_full
from chaos_lib.lab.facility import Progress, ProgressSink

VERSION = "1.20.2"
STEP = f"Building Kubernetes {VERSION}"
# The last Debian release with a source package that carries all the code it needs.
_SUITE = "bookworm"
_RECIPE = 1  # to be raised with every change of what comes out of it
_TOOLS = ("golang-1.19-go", "golang-1.19-src", "etcd-server")
_COMPONENTS = (
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl",
)  # fmt: skip
PROGRAMS = (*_COMPONENTS, "etcd", "pause")
NEEDED_BYTES = 3_000_000_000
_PACKAGES_COMPILED = 2150  # lines that `go build -v` prints for all of it; for the progress only
_GO_S = 3600
_OPENAPI_TAG = b"+k8s:openapi-gen="
_OPENAPI_ROOTS = ("staging/src/k8s.io", "pkg", "cmd", "plugin")
# They have API descriptions of their own.
_OPENAPI_APART = ("staging/src/k8s.io/code-generator", "staging/src/k8s.io/sample-apiserver")
_VERSION_PACKAGES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


def folder_of(cache: Path) -> Path:
    """Return where the programs are when they have been built.

    Args:
        cache: The kit's cache folder.
    """
    return cache / "kubernetes" / f"{VERSION}-{platform.machine()}-{_RECIPE}"


def is_built(cache: Path) -> bool:
    """Whether all programs are there: their folder comes as a whole."""
    return all((folder_of(cache) / name).is_file() for name in PROGRAMS)


def build(cache: Path, work: Path, progress: ProgressSink) -> Path:
    """Build everything and return the folder with the programs.

    Args:
        cache: The kit's cache folder.
        work: A folder on the same disk; removed afterwards, and by the next build when this one is killed.
        progress: Told what is going on.

    Raises:
        ClusterUnavailable: A step failed; carries its last lines.
        DiskFull: There is no room.
    """
    if shutil.disk_usage(cache).free < NEEDED_BYTES:
        free = shutil.disk_usage(cache).free / 1e9
        raise disk_full(
            "building Kubernetes", f"{cache}: {free:.1f} GB free, {NEEDED_BYTES / 1e9:.0f} GB needed"
        )
    try:
        _Build(work, progress).run()
        target = folder_of(cache)
        shutil.rmtree(target, ignore_errors=True)
        (work / "bin").rename(target)
    except OSError as exc:
        if says_disk_full(str(exc)):
            raise disk_full("building Kubernetes", str(exc)) from exc
        raise
    progress(Progress(STEP, "done", 1.0))
    return target


@dataclass
class _Build:
    work: Path
    progress: ProgressSink

    def run(self) -> None:
        self._tell("fetching the source and the compiler", 0.01)
        archive = Archive(self.work / "apt", debian_mirror(), _SUITE)
        (self.work / "apt").mkdir(parents=True)
        archive.update()
        archive.packages(_TOOLS, self.work / "tools")
        fetched = archive.source("kubernetes")
        self._tell("unpacking", 0.04)
        source = _unpack(fetched, self.work / "src")
        self._patch(source)
        tree = self.work / "go" / "src" / "k8s.io" / "kubernetes"
        tree.parent.mkdir(parents=True)
        tree.symlink_to(source)
        self._tell("describing the API", 0.08)
        self._describe_api(tree)
        self._tell("compiling", 0.12)
        self._compile(tree)

    def _tell(self, detail: str, fraction: float) -> None:
        self.progress(Progress(STEP, detail, fraction))

    def _patch(self, source: Path) -> None:
        patches = source.parent / "debian" / "patches"
        for name in (patches / "series").read_text(encoding="utf-8").split():
            # A ceiling above the source: a repository that happens to be around it is none of git's business here.
            environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(source.parent)}
            command = Command(("git", "apply", str(patches / name)), cwd=source, env=environment)
            command.run(timeout_s=60).check(fix="Run `opchaos up --cluster` again.")

    def _describe_api(self, tree: Path) -> None:
        """Generate the one piece of code that the package does not carry: the API server's own description."""
        generator = self.work / "openapi-gen"
        self._go(tree, "build", "-o", str(generator), "./vendor/k8s.io/kube-openapi/cmd/openapi-gen")
        argv = (
            *(str(generator), "--logtostderr", "-i", ",".join(_described(tree))),
            *("-p", "k8s.io/kubernetes/pkg/generated/openapi", "-O", "zz_generated.openapi"),
            *("-h", "hack/boilerplate/boilerplate.generatego.txt", "-r", str(self.work / "violations.txt")),
        )
        self._checked(argv, tree)

    def _compile(self, tree: Path) -> None:
        programs = self.work / "bin"
        programs.mkdir()
        seen = 0

        def on_line(line: str) -> None:
            nonlocal seen
            seen += 1
            share = min(0.99, seen / _PACKAGES_COMPILED)
            if seen % 5 == 0:
                self._tell(f"compiling: {line[-70:]}", 0.12 + 0.86 * share)

        self._go(
            tree,
            *("build", "-v", "-trimpath", "-tags", "providerless", "-ldflags", f"-s -w {_version_flags()}"),
            *("-o", f"{programs}/", *(f"./cmd/{name}" for name in _COMPONENTS)),
            on_line=on_line,
        )
        pause = self.work / "pause" / "pause.go"
        pause.parent.mkdir()
        pause.write_bytes(resources.files("chaos_lib.lab.cluster.offline").joinpath("pause.go").read_bytes())
        self._go(
            pause.parent, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(programs / "pause"), "pause.go"
        )
        shutil.copy(self.work / "tools" / "usr" / "bin" / "etcd", programs / "etcd")

    def _go(self, cwd: Path, *arguments: str, on_line: Callable[[str], None] | None = None) -> None:
        root = self.work / "tools" / "usr" / "lib" / "go-1.19"
        self._checked((str(root / "bin" / "go"), *arguments), cwd, on_line=on_line)

    def _checked(
        self, argv: Sequence[str], cwd: Path, *, on_line: Callable[[str], None] | None = None
    ) -> None:
        result = Command(argv, cwd=cwd, env=self._environment(cwd)).run(timeout_s=_GO_S, on_line=on_line)
        if result.is_success:
            return
        if says_disk_full(result.output):
            raise disk_full("building Kubernetes", result.last_lines)
        raise ClusterUnavailable(
            f"Kubernetes could not be built: `{Path(argv[0]).name} {argv[1]}` failed.",
            evidence=result.last_lines,
            fix="Run `opchaos up --cluster` again. A compiler that was `killed` ran out of memory: close "
            "something, or use another cluster (`opchaos doctor`).",
        )

    def _environment(self, cwd: Path) -> Mapping[str, str]:
        root = self.work / "tools" / "usr" / "lib" / "go-1.19"
        scratch = self.work / "tmp"
        scratch.mkdir(exist_ok=True)
        return {
            "PATH": f"{root / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin",
            "PWD": str(cwd),  # as it is linked: Go takes the import path from it
            "HOME": str(self.work),
            "TMPDIR": str(scratch),
            "GOROOT": str(root),
            "GOPATH": str(self.work / "go"),
            "GOCACHE": str(self.work / "go-cache"),
            "GO111MODULE": "off",
            "GOFLAGS": "",
            "CGO_ENABLED": "0",
        }


def _unpack(fetched: Path, target: Path) -> Path:
    """Unpack upstream's archive with Debian's folder beside it; returns the folder of the former."""
    target.mkdir()
    for pattern in ("*.orig.tar.*", "*.debian.tar.*"):
        with tarfile.open(next(fetched.glob(pattern))) as tar:
            if hasattr(
                tarfile, "tar_filter"
            ):  # newer Pythons want to be told; apt has checked the signatures
                tar.extraction_filter = tarfile.tar_filter
            tar.extractall(target)  # noqa: S202 - signed by Debian, checked by apt
    return next(path for path in target.iterdir() if path.name.startswith("kubernetes-"))


def _described(tree: Path) -> Sequence[str]:
    """Return the import paths of all packages that ask to be in the API's description."""
    folders = {path.parent for path in _go_files(tree) if _OPENAPI_TAG in path.read_bytes()}
    names = sorted(str(folder.relative_to(tree)) for folder in folders)
    return tuple(f"k8s.io/kubernetes/{name.replace('staging/src/', 'vendor/', 1)}" for name in names)


def _go_files(tree: Path) -> Iterator[Path]:
    for root in _OPENAPI_ROOTS:
        for path in (tree / root).rglob("*.go"):
            name = str(path.relative_to(tree))
            if not name.endswith("_test.go") and not name.startswith(_OPENAPI_APART):
                yield path


def _version_flags() -> str:
    """Without them the server would call itself v0.0.0."""
    major, minor, _ = VERSION.split(".")
    values = {"gitVersion": f"v{VERSION}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "archive"}
    return " ".join(
        f"-X k8s.io/kubernetes/vendor/{package}.{name}={value}"
        for package in _VERSION_PACKAGES
        for name, value in values.items()
    )
