"""What a defence looks at: an attack on anything else cannot change its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

CONTAINERS, CREDENTIALS, CLUSTER = "containers", "credentials", "cluster"
# What the journal calls a target of each facility; files are told by their paths.
_FILE_KIND = "workspace.file"
_KINDS = {"docker.container": CONTAINERS, "credential": CREDENTIALS, "cluster.object": CLUSTER}


@dataclass(frozen=True)
class Target:
    """Something that an attack touched, as the journal names it.

    Attributes:
        kind: Kind of operation, such as `workspace.file`.
        name: What of that kind, such as `tests/conftest.py`.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Scope:
    """Everything that a verdict can depend on, apart from the kit and the lab themselves.

    The environment is the file `ci.env`.

    Attributes:
        files: Patterns of files of the workspace; a `*` stands for folders as well.
        facilities: Of the facilities `containers`, `credentials` and `cluster` those whose objects matter.
    """

    files: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()

    def __or__(self, other: Scope) -> Scope:
        """Return what is in one of them, or in both."""
        return Scope((*self.files, *other.files), (*self.facilities, *other.facilities))

    def covers(self, target: Target) -> bool:
        """Whether a verdict can depend on this target; one of an unknown kind may always matter."""
        if target.kind == _FILE_KIND:
            return any(fnmatchcase(target.name, pattern) for pattern in self.files)
        return target.kind not in _KINDS or _KINDS[target.kind] in self.facilities


EVERYTHING = Scope(("*",), (CONTAINERS, CREDENTIALS, CLUSTER))
SERVICE = Scope(("ci.env", "src/*"))
_PYTEST = SERVICE | Scope(
    ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg", "conftest.py", "tests/conftest.py")
)
UNIT_TESTS = _PYTEST | Scope(("tests/unit/*",))
SERVICE_TESTS = _PYTEST | Scope(
    ("tests/integration/conftest.py", "tests/integration/service/*"), (CONTAINERS,)
)
DOCKERFILE = Scope(("Dockerfile",))
# The finished Dockerfile copies the lock and the source; one that an attack has changed is itself looked at.
IMAGE = Scope(("Dockerfile", ".dockerignore", "pyproject.toml", "requirements.lock", "src/*"), (CONTAINERS,))
JENKINSFILE = Scope(("Jenkinsfile",))
MANIFESTS = Scope(("k8s/*",))
IN_CLUSTER = MANIFESTS | IMAGE | Scope((), (CLUSTER,))
