"""Run the Jenkinsfile of a mission: in a fresh checkout, as a Jenkins agent would, with what the lab offers.

The workspace itself stays as it is: reports and caches of a build are not the participant's files.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from chaos_lib import scratch
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.pytest_run import child_environment
from chaos_lib.errors import InvalidInput, LabError
from chaos_lib.lab.pipeline_facility import PipelineFacility
from chaos_lib.pipeline import declared
from chaos_lib.pipeline.branch import branch_variables
from chaos_lib.pipeline.docker_options import VARIABLE, led_build
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.protocol import (
    BuildListener,
    BuildRecord,
    BuildRequest,
    PipelineEngine,
    RunningBuild,
    run,
)

JOB = "mission-control"
# Below nbgrader's limit for a cell, with time for the abort and its `post`.
TIMEOUT_S = 150.0
_DEPLOY = "DEPLOY"
_LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", ".pytest_cache", ".ruff_cache", "secret.env", ".ipynb_checkpoints"
)


def run_mission_pipeline(
    context: DefenceContext,
    *,
    listener: BuildListener | None = None,
    on_start: Callable[[RunningBuild], None] = lambda _: None,
    engine: PipelineEngine | None = None,
    job: str = "",
    change: Callable[[Path], None] = lambda _: None,
    timeout_s: float = TIMEOUT_S,
    is_stop_told: bool = False,
) -> BuildRecord:
    """Run the workspace's Jenkinsfile to its end.

    Args:
        context: Workspace and lab.
        listener: Follows the build.
        on_start: Given the build when it has begun.
        engine: Who runs it; the best one of the lab when None.
        job: Name of the job; the mission's own when empty.
        change: Done to the checkout before the build.
        timeout_s: Longest run in seconds; the build is aborted then.
        is_stop_told: Whether Ctrl-C is raised again after the abort.

    Raises:
        InvalidInput: There is no Jenkinsfile.
        InvalidPipeline: Jenkins would not accept it.
        LabError: No engine works here.
    """
    settings = context.settings
    path = context.workspace / declared.JENKINSFILE
    if not path.is_file():
        raise InvalidInput(
            "There is no Jenkinsfile in the workspace.",
            evidence=str(path),
            fix="Write one: `%%answer Jenkinsfile`.",
        )
    text = path.read_text(encoding="utf-8")
    runs_on = engine or PipelineFacility(settings).engine()
    parameters = _parameters(context, text)
    refresh_kubeconfig(context)
    if parameters:
        _provide_ground(context)
    with scratch.folder(settings, "checkout") as folder:
        checkout = folder / JOB
        shutil.copytree(context.workspace, checkout, ignore=_LEFT_OUT, symlinks=True)
        options = _build_options(context, checkout, folder)
        change(checkout)
        request = BuildRequest(
            jenkinsfile=text,
            workspace=checkout,
            job=job or f"{JOB}-{settings.run_id()}",
            parameters=parameters,
            environment=_environment(replace(context, workspace=checkout), options),
        )
        return run(
            cast(PipelineEngine, _Announced(runs_on, on_start)),
            request,
            timeout_s=timeout_s,
            listener=listener,
            is_stop_told=is_stop_told,
        )


class _Announced:
    """An engine that tells somebody of the build that it starts."""

    def __init__(self, engine: PipelineEngine, on_start: Callable[[RunningBuild], None]) -> None:
        self._engine = engine
        self._on_start = on_start

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def start(self, request: BuildRequest, listener: BuildListener | None = None) -> RunningBuild:
        """Start a build and tell of it."""
        build = self._engine.start(request, listener)
        self._on_start(build)
        return build


def has_cluster(context: DefenceContext) -> bool:
    """Whether the lab has a cluster to deploy to."""
    return bool(context.lab.get("KUBECONFIG"))


def refresh_kubeconfig(context: DefenceContext) -> None:
    """Bring the way into the cluster up to date, where it is declared: each start of a cluster has its own keys."""
    store = declared.store_of(context.settings)
    if has_cluster(context) and declared.KUBECONFIG in store.ids():
        store.put(declared.KUBECONFIG, declared.kubeconfig(context.lab))


def _parameters(context: DefenceContext, text: str) -> Mapping[str, str | bool]:
    """Deploy where there is a cluster, if the pipeline knows that parameter."""
    pipeline = parse(text).pipeline
    known = [each.arguments.text("name") for each in pipeline.parameters] if pipeline is not None else []
    is_ready = has_cluster(context) and (context.workspace / "k8s/base/deployment.yaml").is_file()
    return {_DEPLOY: True} if _DEPLOY in known and is_ready else {}


def _provide_ground(context: DefenceContext) -> None:
    """See to it that blue serves, with Postgres and Redis behind it: the pipeline brings only green.

    Raises:
        LabError: It does not come up.
        GuardRefused: The manifests would go elsewhere.
    """
    # Imported here: the gates of phase 4 bring the client of Kubernetes along.
    from chaos_lib.cluster.target import deploy_target, guard_of
    from chaos_lib.defences.cluster_gate import Ground, cluster_images
    from chaos_lib.defences.manifest_gate import complete

    target = deploy_target(context.workspace, context.lab)
    guard_of(context.settings).kube(target.kubeconfig, target.context, target.namespace)
    with complete(context) as project:
        wrong = Ground(project, target, target.connect(), cluster_images).provide_deployment()
    if wrong is not None:
        raise LabError(
            "The ground of the deployment is not ready: blue, Postgres or Redis does not come up.",
            evidence=f"{wrong.reason} {wrong.detail} {wrong.evidence}".strip(),
            fix=wrong.remedy or '`chaos.defend("rollout-gate")` shows what is wrong.',
        )


def _environment(context: DefenceContext, build_options: str) -> dict[str, str]:
    found = {**branch_variables(context.workspace), **child_environment(context)}
    # Not resolved: the Python of a virtual environment is a link, and its folder is what counts.
    found["PATH"] = f"{Path(sys.executable).parent}:{found.get('PATH', '')}"
    # The way into the cluster comes from the credentials store alone.
    found.pop("KUBECONFIG", None)
    return found | {
        "PYTEST_PLUGINS": "chaos_lib.lab.pytest_plugin",
        "PYTEST_ADDOPTS": "-p no:cacheprovider --color=no",
        "RUFF_NO_CACHE": "true",
        VARIABLE: build_options,
    }


def _build_options(context: DefenceContext, checkout: Path, folder: Path) -> str:
    """Return what `docker build` needs on this machine; a Dockerfile that names its base itself is led in the checkout."""
    dockerfile = checkout / "Dockerfile"
    led = led_build(context.settings, dockerfile, folder)
    if led is None:
        return ""
    dockerfile.write_text(led.dockerfile, encoding="utf-8")
    return " ".join(led.options)
