"""Secrets where they must not be. Those here are made up, and put together so that no scanner trips over this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_lib.git import Git
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.secret_scan import scan_history, scan_text, scan_tree, scan_use

from .files import GOOD, broken, reasons, valid

GITHUB = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
SECRETS = {
    "AWS access key": "AKIA" + "QX7T3MZP5LNVB2RD",
    "GitHub token": GITHUB,
    "GitLab token": "glpat-" + "xY7kLm2pQr9sTuVw3zAb",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "JSON web token": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3.SflKxwRJSMeKKF2QT4",
    "value of `DEPLOY_TOKEN`": "DEPLOY_TOKEN = '" + "s3cr3t-Kx92Lq7Zp" + "'",
    "value of `password`": "password: " + "Tr0ub4dor&3x",
    "token in a header": "curl -H 'Authorization: Bearer " + "a8f5f167f44f4964e6c998dee827110c" + "'",
}
_ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("sort", SECRETS)
def test_a_secret_is_found_and_never_shown(sort):
    line = SECRETS[sort]

    (finding,) = scan_text(f"first\n{line}\n")

    assert (finding.reason, finding.line) == ("SECRET_IN_FILE", 2)
    assert finding.evidence.startswith(f"{sort}: ")
    value = line.split("'")[1] if "= '" in line else line.split(" ")[-1].strip("'")
    assert value not in finding.text + finding.remedy


@pytest.mark.parametrize(
    "line",
    [
        "TOKEN = credentials('api-token')",
        "sh \"curl -H 'Authorization: Bearer ${TOKEN}'\"",
        "password: ${DB_PASSWORD}",
        "POSTGRES_PASSWORD: changeme123",
        "token = os.environ['MISSION_TOKEN_1']",
        "secretKeyRef: mission-secret-1",
        "password = settings.database.password1",
        "credentialsId: 'deploy-token-2'",
    ],
)
def test_what_only_names_a_secret_is_left_alone(line):
    assert scan_text(line) == ()


@pytest.mark.parametrize("folder", ["sample_app", "notebooks", "binder"])
def test_the_project_itself_holds_no_secret(folder):
    assert scan_tree(_ROOT / folder) == ()


def test_a_tree_is_searched_without_links_and_binary_files(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "deploy.sh").write_text(f"export T={GITHUB}\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + GITHUB.encode())
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(GITHUB)

    (finding,) = scan_tree(tmp_path)

    assert (finding.path, finding.line) == ("a/deploy.sh", 1)


def test_a_secret_that_was_taken_out_is_still_in_the_history(tmp_path):
    git = Git(tmp_path)
    git.init()
    (tmp_path / "Jenkinsfile").write_text(f"// one\n// {GITHUB}\n")
    git.commit("with")
    (tmp_path / "Jenkinsfile").write_text("// one\n")
    git.commit("without")

    (finding,) = scan_history(tmp_path)

    assert (finding.reason, finding.path, finding.line) == ("SECRET_IN_HISTORY", "Jenkinsfile", 2)
    assert "in commit " in finding.evidence
    assert scan_tree(tmp_path) == ()


def test_the_good_pipeline_leaks_nothing():
    assert scan_use(valid(GOOD)) == ()
    assert scan_use(parse("pipeline {")) == ()


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("sh 'echo $KUBE'", "SECRET_PRINTED"),
        ("sh 'echo ${KUBE} && ls'", "SECRET_PRINTED"),
        ('echo "token is ${KUBE}"', "SECRET_PRINTED"),
        ("echo env.KUBE", "SECRET_PRINTED"),
        ('sh "curl -H ${KUBE} http://x"', "SECRET_INTERPOLATED"),
        ('sh "curl -u me:${env.KUBE_PSW} http://x"', "SECRET_INTERPOLATED"),
        ('sh script: "login ${KUBE}"', "SECRET_INTERPOLATED"),
    ],
)
def test_a_secret_on_its_way_into_the_log_is_found(step, reason):
    assert reasons(scan_use(broken("sh 'kubectl apply -k k8s/green'", step))) == [(reason, 16)]


@pytest.mark.parametrize(
    "step", ["sh 'curl -H $KUBE http://x'", "sh 'echo $KUBE | login --stdin'", "sh 'echo $KUBERNETES'"]
)
def test_a_secret_that_the_shell_only_uses_is_left_alone(step):
    assert scan_use(broken("sh 'kubectl apply -k k8s/green'", step)) == ()


def test_the_variables_of_with_credentials_are_secret():
    step = (
        "withCredentials([usernamePassword(credentialsId: 'r', usernameVariable: 'U', passwordVariable: 'P')]) "
        '{ sh "login $U $P" }'
    )

    (finding,) = scan_use(broken("sh 'kubectl apply -k k8s/green'", step))

    assert "`P`" in finding.evidence
