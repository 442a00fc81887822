"""Where things are and what may be used: read once from the environment, then passed on."""

from __future__ import annotations

import os
import uuid
from enum import Enum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Tier(str, Enum):
    """How real a result is; shown beside every one.

    LIVE is the real tool. EMBEDDED is a real server or engine without containers. SIMULATED is a model.
    """

    LIVE = "LIVE"
    EMBEDDED = "EMBEDDED"
    SIMULATED = "SIMULATED"


def _default_home() -> Path:
    return _default_repository() / "mission"


def _default_repository() -> Path:
    return Path(__file__).resolve().parent.parent


def _default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "opchaos"


class Settings(BaseSettings):
    """The kit's settings. Every field can be set by an environment variable `OPCHAOS_<FIELD>`.

    Attributes:
        repository: The checkout: holds `notebooks/` and `sample_app/`; read only.
        home: The participant's mission folder: holds `workspace/` and `state/`. Everything we write on
            behalf of one participant is in it.
        cache: Things that are dear to make and shared by all missions (root file systems, clusters).
        tier: When set, no facility may use a better tier than this one; None takes the best that works.
        images: Where container images come from: `auto` (present, else built offline when no registry
            answers, else upstream), `offline` or `upstream`.
        registry: A registry that has copies of the upstream images under the same names, such as a class's mirror:
            `mirror.example:5000` or `mirror.example/library`. Docker Hub is asked when empty.
        engine_folder: Where the lab keeps the Docker engine that it starts itself (root on Debian only).
        jenkins_url: Address of a Jenkins controller for the pipelines; the kit's own runner is used when empty.
        jenkins_user: Who asks there.
        jenkins_token: That user's API token.
        context: A Kubernetes context of the user's own to play on; it must be allowed by name as well
            (`opchaos allow-context`). None lets the lab find or make a cluster.
        seed: Seed of every random choice.
    """

    model_config = SettingsConfigDict(env_prefix="OPCHAOS_", frozen=True, extra="ignore")

    repository: Path = Field(default_factory=_default_repository)
    home: Path = Field(default_factory=_default_home)
    cache: Path = Field(default_factory=_default_cache)
    tier: Tier | None = None
    images: Literal["auto", "offline", "upstream"] = "auto"
    registry: str = ""
    engine_folder: Path = Path("/var/lib/opchaos")
    jenkins_url: str = ""
    jenkins_user: str = ""
    jenkins_token: SecretStr | None = None
    context: str | None = None
    seed: int = 20

    @property
    def workspace(self) -> Path:
        """The participant's git working copy."""
        return self.home / "workspace"

    @property
    def state(self) -> Path:
        """Journal, mission log and lab state."""
        return self.home / "state"

    @property
    def sample_app(self) -> Path:
        """The finished sample project."""
        return self.repository / "sample_app"

    @property
    def manifests(self) -> Path:
        """The finished Kubernetes manifests; they join the workspace as its folder `k8s`."""
        return self.repository / "k8s"

    def finished(self, path: str) -> Path:
        """Return where a workspace file lies in the finished project.

        Args:
            path: Relative to the workspace, with `/`.
        """
        if path == "Jenkinsfile":
            return self.repository / "jenkins" / path
        return (self.repository if path.startswith("k8s/") else self.sample_app) / path

    @property
    def notebooks(self) -> Path:
        """The notebooks' source: one folder a phase."""
        return self.repository / "notebooks"

    def run_id(self) -> str:
        """The id on everything this mission creates outside its folder; made at first use, then kept.

        Returns:
            Twelve hexadecimal characters.
        """
        path = self.state / "run-id"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{uuid.uuid4().hex}")
            draft.write_text(uuid.uuid4().hex[:12], encoding="utf-8")
            try:
                os.link(draft, path)  # atomic: of two first users, one wins and both read the same id
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="utf-8").strip()
