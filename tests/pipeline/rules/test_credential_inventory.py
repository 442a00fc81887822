"""Used and declared credentials."""

from __future__ import annotations

import pytest

from chaos_lib.errors import InvalidInput
from chaos_lib.pipeline.rules.credential_inventory import declared_in, inventory
from chaos_lib.pipeline.rules.credential_use import credential_uses

from .files import GOOD, reasons, valid

ALL = """\
pipeline {
    agent { docker { image 'x:1'; registryCredentialsId 'registry' } }
    environment { A = credentials('env-id') }
    stages { stage('S') { steps {
        withCredentials([string(credentialsId: 'bound', variable: 'B')]) { sh 'x' }
        git url: 'u', credentialsId: 'git-id'
        sshagent(['ssh-id']) { sh 'x' }
        script { docker.withRegistry('https://r', 'push-id') { sh 'x' } }
    } } }
}
"""


def test_every_way_to_use_a_credential_is_known():
    used = [(use.id, use.line) for use in credential_uses(valid(ALL))]

    assert used == [
        ("registry", 2),
        ("env-id", 3),
        ("bound", 5),
        ("git-id", 6),
        ("ssh-id", 7),
        ("push-id", 8),
    ]


def test_used_and_declared_agree():
    assert inventory(valid(GOOD), ["kube-token"]) == ()


def test_a_used_one_that_is_not_declared_is_found():
    (finding,) = inventory(valid(GOOD), [])

    assert (finding.reason, finding.line) == ("CREDENTIAL_ABSENT", 14)
    assert finding.evidence == "no entry with the id `kube-token`; declared: none"


def test_a_declared_one_that_is_not_used_is_found():
    assert reasons(inventory(valid(GOOD), ["kube-token", "old"])) == [("CREDENTIAL_UNUSED", 0)]


def test_an_id_that_is_computed_is_found():
    parsed = valid(GOOD.replace("credentials('kube-token')", 'credentials("kube-${BRANCH_NAME}")'))

    assert reasons(inventory(parsed, [])) == [("CREDENTIAL_COMPUTED", 14)]


def test_configuration_as_code_declares_credentials(tmp_path):
    path = tmp_path / "jenkins.yaml"
    path.write_text(
        "jenkins:\n  securityRealm: {local: {users: [{id: admin}]}}\n"
        "credentials:\n  system:\n    domainCredentials:\n      - credentials:\n"
        "          - string: {scope: GLOBAL, id: kube-token, secret: '${KUBE_TOKEN}'}\n"
        "          - usernamePassword: {id: registry, username: u, password: '${P}'}\n"
    )

    assert declared_in(path) == ("kube-token", "registry")


def test_a_plain_list_declares_credentials(tmp_path):
    path = tmp_path / "credentials.yaml"
    path.write_text("credentials:\n  - id: b\n    kind: string\n  - id: a\n")

    assert declared_in(path) == ("a", "b")


@pytest.mark.parametrize("text", ["a: [", "a: b: c"])
def test_a_list_that_is_no_yaml_is_wrong_input(tmp_path, text):
    path = tmp_path / "credentials.yaml"
    path.write_text(text)

    with pytest.raises(InvalidInput) as caught:
        declared_in(path)

    assert "`credentials.yaml` cannot be read" in caught.value.what
    assert caught.value.fix


def test_a_list_that_is_not_there_is_wrong_input(tmp_path):
    with pytest.raises(InvalidInput):
        declared_in(tmp_path / "nowhere.yaml")
