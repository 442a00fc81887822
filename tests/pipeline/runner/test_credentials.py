"""Credentials reach the steps that ask for them, and nothing that a build leaves behind."""

from __future__ import annotations

import base64
from pathlib import Path

from chaos_lib.pipeline.protocol import BuildResult
from tests.pipeline.runner.conftest import FILE_CONTENT, PASSWORD, TOKEN, Bench, Recorder, lines, one_stage

BINDINGS = """withCredentials([string(credentialsId: 'api-token', variable: 'T'),
    usernamePassword(credentialsId: 'login', usernameVariable: 'U', passwordVariable: 'P'),
    file(credentialsId: 'key', variable: 'F')]) {
    STEPS
}"""


def test_every_kind_is_bound(bench: Bench) -> None:
    record = bench.steps(
        BINDINGS.replace(
            "STEPS", 'sh \'printf %s "$T" > t; printf %s "$U:$P" > up; cp "$F" f; ls -l "$F" | cut -c1-10\''
        )
    )

    assert (bench.workspace / "t").read_text() == TOKEN
    assert (bench.workspace / "up").read_text() == f"ann:{PASSWORD}"
    assert (bench.workspace / "f").read_text() == FILE_CONTENT
    assert "-rw-------" in lines(record)
    assert "Masking supported pattern matches of $T or $P or $F" in lines(record)


def test_environment_splits_a_user_name_and_its_password(bench: Bench) -> None:
    bench.run(
        one_stage(
            "sh 'printf %s \"$L|$L_USR|$L_PSW\" > all'",
            before="environment { L = credentials('login')\n A = 'b' }",
        )
    )

    assert (bench.workspace / "all").read_text() == f"ann:{PASSWORD}|ann|{PASSWORD}"


def test_secret_files_are_gone_afterwards(bench: Bench) -> None:
    record = bench.steps(
        "withCredentials([file(credentialsId: 'key', variable: 'F')]) { sh 'printf %s \"$F\" > where' }"
    )

    path = Path((bench.workspace / "where").read_text())
    assert path.name == "key"
    assert not path.exists()
    assert record.folder is not None
    assert not (record.folder / "tmp").exists()


def test_an_undefined_credential_in_environment_ends_it_before_it_begins(bench: Bench) -> None:
    record = bench.run(
        one_stage(
            "echo 'never'",
            before="environment { X = credentials('not-there') }",
            after="post { always { echo 'after' } }",
        )
    )

    assert lines(record) == ["after", "ERROR: not-there"]
    assert record.log.index("[Pipeline] // node") < record.log.index("Declarative: Post Actions")
    assert record.result is BuildResult.FAILURE


def test_an_undefined_or_wrong_credential_in_a_step_is_named(bench: Bench) -> None:
    missing = bench.steps("withCredentials([string(credentialsId: 'gone', variable: 'X')]) { echo 'never' }")
    wrong = bench.steps("withCredentials([string(credentialsId: 'key', variable: 'X')]) { echo 'never' }")

    assert missing.error == "ERROR: Could not find credentials entry with ID 'gone'"
    assert wrong.error == (
        "ERROR: Credentials 'key' is of type 'Secret file' where "
        "'org.jenkinsci.plugins.plaincredentials.StringCredentials' was expected"
    )


def test_a_binding_that_only_a_controller_has_says_so(bench: Bench) -> None:
    record = bench.steps(
        "withCredentials([sshUserPrivateKey(credentialsId: 'key', keyFileVariable: 'X')]) { echo 'x' }"
    )

    assert record.result is BuildResult.FAILURE


LEAKS = r"""sh 'set +x; echo "$T"; echo "$P"; echo "pre$T" | base64; printf %s "$T" | base64; printf %s "x$T" | base64'
    sh 'set +x; printf "%.9s" "$T"; sleep 0.05; printf "%s\n" "${T#?????????}"; cat "$F"; printf %s "$T" | od -An -tx1 | tr -d " \n"'
    sh 'echo "$T" "$P"'
    sh 'mkdir -p out; echo x > "out/$(printf %s "$T" | tr / _)"'
    echo "${T}"
    script { env.LEAK = T; currentBuild.description = T; echo "${[a: T]}" }
    writeFile file: 'report.xml', text: "<testsuite><testcase name='${T}'><system-out>${T}</system-out></testcase></testsuite>"
    junit 'report.xml'
    archiveArtifacts 'report.xml'
    catchError { error "failed with ${T}" }
    stage("stage ${T}") { echo 'in it' }
    error "the end ${T}"
"""


def test_a_planted_secret_is_in_nothing_that_a_build_says_or_keeps(bench: Bench) -> None:
    heard = Recorder()
    record = bench.run(one_stage("script { " + BINDINGS.replace("STEPS", LEAKS) + " }"), listener=heard)

    assert record.result is BuildResult.FAILURE
    assert record.folder is not None
    kept = {
        path.relative_to(record.folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in record.folder.rglob("*")
        if path.is_file() and "archive" not in path.parts
    }
    assert {"log", "stages.json", "build.json", "junit/report.xml"} <= set(kept)
    everything = {
        **kept,
        "heard": "".join(heard.texts) + repr(heard.stages),
        "record": repr(record) + record.log,
        "logs of stages": repr(record.stages),
    }
    shown = [TOKEN, PASSWORD, "planted-line-of-a-key", TOKEN.encode().hex()]
    shown += [base64.b64encode(b"x" * pad + TOKEN.encode()).decode()[4:24] for pad in range(3)]
    for secret in shown:
        assert [name for name, text in everything.items() if secret in text] == []
    assert "in it" in record.log
    assert record.error == "ERROR: the end ****"


def test_secrets_are_masked_even_where_nobody_bound_them(bench: Bench) -> None:
    assert lines(bench.steps(f"sh 'echo {TOKEN}'")) == ["+ echo ****", "****"]


def test_a_password_parameter_is_masked(bench: Bench) -> None:
    record = bench.run(
        one_stage("sh 'echo $PW'", before="parameters { password(name: 'PW', defaultValue: 'x') }"),
        parameters={"PW": "given-password"},
    )

    assert "given-password" not in record.log
    assert record.folder is not None
    assert "given-password" not in (record.folder / "build.json").read_text()
