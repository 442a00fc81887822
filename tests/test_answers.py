from __future__ import annotations

import pytest

from chaos_lib import answers
from chaos_lib.errors import GuardRefused, InvalidAnswer, NotAnsweredYet
from chaos_lib.phases import phase
from chaos_lib.settings import Settings
from chaos_lib.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    project = tmp_path / "repository" / "sample_app"
    project.mkdir(parents=True)
    (project / "pyproject.toml").write_text("[project]\n")
    workspace = Workspace(Settings(home=tmp_path / "mission", repository=project.parent))
    workspace.create(phase(1))
    return workspace


def test_an_answer_is_written_without_the_solution_markers(workspace):
    cell = "### BEGIN SOLUTION\nx = 1\n    ### END SOLUTION\n"

    assert answers.save(workspace, "tests/answer.py", cell) is False

    assert (workspace.folder / "tests/answer.py").read_text() == "x = 1\n"
    assert workspace.git.run("log", "-1", "--format=%s").output == "Answer: tests/answer.py\n"


def test_an_earlier_answer_is_kept(workspace):
    answers.save(workspace, "a.py", "x = 1\n")
    (workspace.folder / "a.py").write_text("x = 2  # in the editor\n")

    assert answers.save(workspace, "a.py", "x = 3\n") is True

    assert "in the editor" in workspace.git.run("show", "HEAD~1:a.py").output


@pytest.mark.parametrize(
    "cell", [f"# {answers.STUB}\n", f"x = 1\n# {answers.STUB}\n", "", "\n \n", "# only a comment\n"]
)
def test_a_stub_is_not_answered_yet(workspace, cell):
    with pytest.raises(NotAnsweredYet) as caught:
        answers.save(workspace, "a.py", cell)

    assert "`a.py` is not answered yet" in caught.value.what
    assert "the cell" in caught.value.evidence
    assert answers.STUB in caught.value.fix
    assert not (workspace.folder / "a.py").exists()


@pytest.mark.parametrize(
    ("path", "text", "language", "where"),
    [
        ("a.py", "x = 1\ndef f(:\n", "Python", "line 2: def f(:"),
        ("a.py", "x = 1\n  y = 2\n", "Python", "line 2"),
        ("a.py", "x = '\0'\n", "Python", "null byte"),
        ("deploy/a.yaml", "a: 1\nb: [\n", "YAML", "line"),
        ("a.yml", "a: 1\n b: 2\n", "YAML", "line 2"),
        ("a.json", '{"a": 1,\n}', "JSON", "line 2"),
        ("pyproject.toml", "a = 1\nb = \n", "TOML", "line 2: b ="),
    ],
)
def test_an_answer_that_cannot_be_read_is_told_with_its_place(workspace, path, text, language, where):
    before = workspace.fingerprint()

    with pytest.raises(InvalidAnswer) as caught:
        answers.save(workspace, path, text)

    assert f"no valid {language}" in caught.value.what
    assert where in caught.value.evidence
    assert "run the cell again" in caught.value.fix
    assert workspace.fingerprint() == before


@pytest.mark.parametrize("path", ["ci.env", ".env"])
def test_an_environment_file_is_read_line_by_line(workspace, path):
    with pytest.raises(InvalidAnswer) as caught:
        answers.save(workspace, path, "A=1\nnot a variable\n")
    assert "Line 2" in caught.value.what


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "x = 1\n"),
        ("a.yaml", "a: 1\n---\nb: 2\n"),
        ("a.json", '{"a": [1]}\n'),
        ("a.toml", "a = 1\n"),
        ("ci.env", "A=1\n"),
        ("Dockerfile", "FROM python:3.11\n"),
        ("notes.txt", "anything: [\n"),
    ],
)
def test_every_kind_of_file_can_be_an_answer(workspace, path, text):
    answers.save(workspace, path, text)

    assert (workspace.folder / path).read_text() == text


def test_an_answer_cannot_leave_the_workspace(workspace, tmp_path):
    with pytest.raises(GuardRefused):
        answers.save(workspace, "../outside.txt", "x\n")
    assert not (workspace.folder.parent / "outside.txt").exists()


def test_only_whole_marker_lines_are_taken_out():
    assert (
        answers.strip_markers("s = '### BEGIN SOLUTION'\n# END SOLUTION\n\n") == "s = '### BEGIN SOLUTION'\n"
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("FROM a:1\nRUNX true\n", "line 2: RUNX true"),
        ("WORKDIR /app\n", "there is no FROM"),
    ],
)
def test_a_dockerfile_is_read_before_it_is_written(workspace, text, where):
    with pytest.raises(InvalidAnswer) as caught:
        answers.save(workspace, "Dockerfile", text)

    assert where in caught.value.evidence
    assert "Dockerfile" in caught.value.what
    assert not (workspace.folder / "Dockerfile").exists()
    answers.save(workspace, "Dockerfile", "# mine\nFROM a:1\nRUN one \\\n  # a word\n  two\n")
