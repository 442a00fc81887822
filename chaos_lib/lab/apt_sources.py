"""Read from this machine's apt sources where the Debian archive is: no mirror's name is written into the kit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chaos_lib.errors import LabError

_APT = Path("/etc/apt")
_RELEASES = (
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "sid",
    "stable",
    "oldstable",
    "oldoldstable",
    "testing",
)
_ARCHIVE_FOLDERS = ("debian", "debian-security")


@dataclass(frozen=True)
class AptSource:
    """One archive and suite.

    Attributes:
        uri: The archive.
        suite: `bookworm`, `bookworm-updates`, `bookworm-security`.
        components: `main` and the like.
        keyring: The file named by `Signed-By`; empty when there is none.
    """

    uri: str
    suite: str
    components: tuple[str, ...]
    keyring: str = ""

    @property
    def is_debian(self) -> bool:
        """Whether this is the Debian archive itself, and not a vendor's repository for Debian."""
        release = self.suite.removesuffix("-updates").removesuffix("-security").removesuffix("/updates")
        folder = urlsplit(self.uri).path.rstrip("/").rpartition("/")[2]
        is_archive = folder in _ARCHIVE_FOLDERS or "debian-archive" in self.keyring
        return release in _RELEASES and "main" in self.components and is_archive


@dataclass(frozen=True)
class DebianMirror:
    """Where this machine gets Debian from.

    Attributes:
        archive: The archive's URI.
        security: The security archive's URI; empty when the machine uses none.
    """

    archive: str
    security: str

    def lines(self, suite: str) -> Sequence[str]:
        """Return the sources for a release, one `deb` line each."""
        found = [f"deb {self.archive} {suite} main", f"deb {self.archive} {suite}-updates main"]
        if self.security:
            found.append(f"deb {self.security} {suite}-security main")
        return tuple(found)


def debian_mirror(apt: Path = _APT) -> DebianMirror:
    """Find the Debian archive among the machine's sources.

    Args:
        apt: apt's configuration folder.

    Raises:
        LabError: No source is the Debian archive.
    """
    sources = [source for source in read_sources(apt) if source.is_debian]
    archives = [s.uri for s in sources if not s.suite.endswith(("-security", "/updates"))]
    if not archives:
        raise LabError(
            "No source of the Debian archive is configured here, so no image can be built offline.",
            evidence=f"looked in {apt / 'sources.list'} and {apt / 'sources.list.d'}",
            fix="Add your Debian mirror to the apt sources, or let images come from a registry "
            "(OPCHAOS_IMAGES=upstream).",
        )
    security = [s.uri for s in sources if s.suite.endswith("-security")]
    return DebianMirror(archives[0], security[0] if security else "")


def read_sources(apt: Path = _APT) -> Sequence[AptSource]:
    """Read all sources for binary packages, of both formats.

    Source: the manual page sources.list(5).
    """
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    found: list[AptSource] = []
    for path in files:
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".list":
            found += _one_line(text)
        elif path.suffix == ".sources":
            found += _deb822(text)
    return tuple(found)


def _one_line(text: str) -> Iterator[AptSource]:
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 3 or words[0] != "deb":
            continue
        options: list[str] = []
        rest = words[1:]
        if rest[0].startswith("["):
            end = next((i for i, word in enumerate(rest) if word.endswith("]")), None)
            if end is None:
                continue
            options, rest = " ".join(rest[: end + 1]).strip("[] ").split(), rest[end + 1 :]
        if len(rest) < 2:
            continue
        signed = [o.partition("=")[2] for o in options if o.lower().startswith("signed-by=")]
        yield AptSource(rest[0], rest[1], tuple(rest[2:]), signed[0] if signed else "")


def _deb822(text: str) -> Iterator[AptSource]:
    for stanza in text.split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
                continue
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield AptSource(
                    uri, suite, tuple(fields.get("components", "").split()), fields.get("signed-by", "")
                )
