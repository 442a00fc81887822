"""Dockerfiles as participants write them, built and run for real: ten that are right and more that are wrong.

Each is judged by what its image does. They share their first steps, so that BuildKit installs the packages only once a way.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.lab import Lab
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.docker_containers import DockerContainers

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

FINISHED = Path(__file__).resolve().parents[2] / "sample_app"
WHOLE = FINISHED.joinpath("Dockerfile").read_text(encoding="utf-8")
IGNORE = FINISHED.joinpath(".dockerignore").read_text(encoding="utf-8")
# What every right image has to do, in a few seconds each; `non-root` also asks through the published port.
QUICK = ("image-build", "import-smoke", "size-budget", "second-build", "non-root")
MANNERS = ("stop-time", "published-port", "healthcheck")

PIP = "RUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca"
UV = PIP.replace("pip,target=/etc/pip.conf", "uv,target=/etc/uv/uv.toml").replace(
    "id=ca", "id=ca,target=/etc/ssl/certs/ca-certificates.crt"
)
UV_STAGE = f"""\
FROM python:3.11-slim AS build
{PIP} pip install uv==0.13.9
COPY requirements.lock ./
{UV} UV_SYSTEM_CERTS=1 uv pip install --system --target /packages --require-hashes --compile-bytecode --link-mode copy -r requirements.lock
"""
TARGET_STAGE = f"""\
FROM python:3.11-slim AS build
COPY requirements.lock ./
{PIP} pip install --target /packages --require-hashes -r requirements.lock
"""
VENV_STAGE = f"""\
FROM python:3.11-slim AS build
RUN python -m venv --without-pip /venv
COPY requirements.lock ./
{PIP} pip --python /venv/bin/python install --require-hashes -r requirements.lock
"""
HEALTH = """HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8000/healthz')"]\n"""
LAST = """\
FROM python:3.11-slim
WORKDIR /app
ENV PYTHONPATH=/app/src:/packages
COPY --from=build /packages /packages
COPY src src
"""
START = 'ENTRYPOINT ["python", "-m", "mission_control"]\nCMD ["serve"]\n'
LIST_CMD = 'CMD ["python", "-m", "mission_control", "serve"]\n'


@dataclass(frozen=True)
class Try:
    """A participant's answer.

    Attributes:
        dockerfile: The text.
        ignore: Of .dockerignore; the finished one by default.
        files: Further files of the workspace.
        also: Defences beyond the quick ones.
    """

    dockerfile: str
    ignore: str = IGNORE
    files: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()


RIGHT = {
    "the finished one": Try(WHOLE, also=("python-version", *MANNERS)),
    "pip into a folder": Try(TARGET_STAGE + LAST + f"USER 1000\n{HEALTH}{LIST_CMD}", also=("healthcheck",)),
    "a virtual environment": Try(
        VENV_STAGE
        + "FROM python:3.11-slim\nWORKDIR /app\nENV PATH=/venv/bin:$PATH PYTHONPATH=/app/src\n"
        + f"COPY --from=build /venv /venv\nCOPY src ./src\nUSER 65534:65534\n{HEALTH}{START}",
    ),
    "the environment's own python, no PATH": Try(
        VENV_STAGE
        + "FROM python:3.11-slim\nCOPY --from=build /venv /venv\nCOPY src /venv/src\nUSER 1234\n"
        + 'ENV PYTHONPATH=/venv/src\nENTRYPOINT ["/venv/bin/python", "-m", "mission_control", "serve"]\n',
    ),
    "a named user": Try(
        UV_STAGE + LAST + f"RUN useradd --system --uid 999 agent\nUSER agent\n{HEALTH}{LIST_CMD}"
    ),
    "another port": Try(
        UV_STAGE + LAST + f"ENV MISSION_PORT=9000\nEXPOSE 9000\nUSER 5\n{LIST_CMD}", also=("published-port",)
    ),
    "a start script that gives way": Try(
        UV_STAGE + LAST + 'COPY start.sh /\nUSER 5\nENTRYPOINT ["sh", "/start.sh"]\n',
        ignore=IGNORE + "!start.sh\n",
        files={"start.sh": "#!/bin/sh\necho starting\nexec python -m mission_control serve\n"},
        also=("stop-time",),
    ),
    "a shell check of health": Try(
        UV_STAGE
        + LAST
        + "USER 5\nHEALTHCHECK --interval=5s CMD python -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz')\" || exit 1\n"
        + LIST_CMD,
        also=("healthcheck",),
    ),
    "one stage with a cache mount": Try(
        "FROM python:3.11-slim\nCOPY requirements.lock ./\n"
        f"{PIP} pip install --target /packages --require-hashes -r requirements.lock\n"
        f"WORKDIR /app\nENV PYTHONPATH=/app/src:/packages\nCOPY src src\nUSER 5\n{LIST_CMD}",
    ),
    "the project itself installed, without its dependencies": Try(
        UV_STAGE
        + "COPY pyproject.toml README.md ./\nCOPY src src\n"
        + f"{UV} uv pip install --system --no-deps --target /own .\n"
        + "FROM python:3.11-slim\nENV PYTHONPATH=/own:/packages\nCOPY --from=build /packages /packages\n"
        + f"COPY --from=build /own /own\nUSER 5\n{LIST_CMD}",
        ignore=IGNORE + "!pyproject.toml\n!README.md\n",
    ),
}
GOOD = UV_STAGE + LAST + f"USER 5\n{HEALTH}"
WRONG = {
    "another Python": (Try(GOOD.replace("3.11", "3.9") + LIST_CMD), "python-version", "WRONG_PYTHON"),
    "a file that the gatekeeper keeps out": (Try(GOOD + "COPY tests tests\n"), "image-build", "BUILD_FAILED"),
    "a base that nobody has": (Try(GOOD.replace("3.11-slim", "3.11-tiny")), "image-build", "BASE_UNKNOWN"),
    "nothing to start": (Try(GOOD), "import-smoke", "SERVICE_DOES_NOT_START"),
    "packages left behind": (
        Try(UV_STAGE + LAST.replace("COPY --from=build /packages /packages\n", "") + LIST_CMD),
        "import-smoke",
        "MODULE_MISSING",
    ),
    "a forgotten download": (
        Try(f"{GOOD}{LIST_CMD}USER root\nRUN head -c 150000000 /dev/urandom > /data\nRUN rm /data\n"),
        "size-budget",
        "IMAGE_BLOATED",
    ),
    "everything copied first": (
        Try(UV_STAGE.replace("COPY requirements.lock ./", "COPY . .") + LAST + LIST_CMD),
        "second-build",
        "DEPENDENCIES_REINSTALLED",
    ),
    "no user": (Try(UV_STAGE + LAST + LIST_CMD), "non-root", "RUNS_AS_ROOT"),
    "a folder of root's": (
        Try(GOOD + 'CMD ["sh", "-c", "touch /app/ready && exec python -m mission_control serve"]\n'),
        "non-root",
        "NEEDS_PRIVILEGES",
    ),
    "a shell that stays": (
        Try(GOOD + "CMD python -m mission_control serve; echo bye\n"),
        "stop-time",
        "SIGNAL_LOST",
    ),
    "only for itself": (
        Try(GOOD + "ENV MISSION_HOST=127.0.0.1\n" + LIST_CMD),
        "published-port",
        "BINDS_LOOPBACK",
    ),
    "no check of health": (Try(GOOD.replace(HEALTH, "") + LIST_CMD), "healthcheck", "HEALTHCHECK_MISSING"),
    "a check that always says yes": (
        Try(GOOD.replace(HEALTH, "HEALTHCHECK CMD true\n") + LIST_CMD),
        "healthcheck",
        "HEALTHCHECK_BLIND",
    ),
    "a key in a layer": (
        Try(f"{GOOD}{LIST_CMD}COPY .env /app/\n", ignore=IGNORE + "!.env\n", files={".env": "X=1\n"}),
        "secret-scan",
        "SECRET_IN_LAYER",
    ),
    "a password in the history": (
        Try(f"{GOOD}{LIST_CMD}ENV DB_PASSWORD=hunter2\n"),
        "secret-scan",
        "SECRET_IN_HISTORY",
    ),
}


@pytest.fixture(scope="module")
def judge(live_lab: Lab) -> Iterator[Callable[[Try, str, Path], Verdict]]:
    """Lets a defence judge an answer in a workspace of its own, in the mission whose lab is up."""

    def run(answer: Try, defence: str, workspace: Path) -> Verdict:
        if not workspace.exists():
            shutil.copytree(FINISHED, workspace, ignore=shutil.ignore_patterns("__pycache__", "tests"))
            (workspace / "Dockerfile").write_text(answer.dockerfile, encoding="utf-8")
            (workspace / ".dockerignore").write_text(answer.ignore, encoding="utf-8")
            for name, text in answer.files.items():
                (workspace / name).write_text(text, encoding="utf-8")
        context = DefenceContext(workspace=workspace, environment={}, lab={}, settings=live_lab.settings)
        return DEFENCES[defence].run(context)

    yield run
    engine = DockerContainers(live_lab.settings).search().require()
    mission_images.remove_run(engine, live_lab.settings.run_id())


@pytest.mark.parametrize("name", RIGHT)
def test_an_image_that_is_right_passes_whatever_way_it_is_written(name, judge, tmp_path):
    answer = RIGHT[name]
    for defence in (*QUICK, *answer.also):
        verdict = judge(answer, defence, tmp_path / "workspace")
        assert verdict.reason == GREEN, f"{defence}: {verdict.reason}: {verdict.summary}\n{verdict.evidence}"
        assert verdict.remedy == ""


@pytest.mark.parametrize("name", WRONG)
def test_an_image_that_is_wrong_is_told_why(name, judge, tmp_path):
    answer, defence, reason = WRONG[name]
    verdict = judge(answer, defence, tmp_path / "workspace")

    assert verdict.reason == reason, f"{verdict.reason}: {verdict.summary}\n{verdict.evidence}"
    assert verdict.remedy
    assert verdict.reason in DEFENCES[defence].reasons
    assert verdict.summary.startswith(DEFENCES[defence].reasons[reason])


def test_at_least_ten_of_each() -> None:
    assert min(len(RIGHT), len(WRONG)) >= 10
