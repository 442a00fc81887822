"""Errors in plain words, each with its exit code."""

from __future__ import annotations

import errno
import importlib.util
import signal

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.cli import failures
from chaos_lib.cli.interrupts import undisturbed
from chaos_lib.errors import DiskFull, Interrupted, InvalidInput

from .conftest import launch_half_way


@pytest.mark.parametrize(
    ("arguments", "what", "fix"),
    [
        (
            ["attack", "env_var_mising"],
            "There is no attack `env_var_mising`.",
            "Did you mean `env_var_missing`",
        ),
        (["heal", "qqqqqqqq"], "There is no attack `qqqqqqqq`.", "Choose one of the known names."),
        (["defend", "qqqqqqqq"], "There is no defence `qqqqqqqq`.", "Choose one of the known names."),
        (["workspace", "new", "--phase", "9"], "There is no phase `9`.", "Name a phase by its number"),
        (["run", "--only", "phase-9"], "There is no phase named `phase-9`.", "Did you mean"),
        (["workspace", "path"], "There is no workspace yet.", "opchaos workspace new --phase 1"),
        (["workspace", "restore"], "There is no workspace yet.", "opchaos workspace new --phase 1"),
        (["workspace", "log"], "There is no workspace yet.", "opchaos workspace new --phase 1"),
        (["attack", "env_var_missing"], "There is no workspace yet.", "opchaos workspace new --phase 1"),
        (["defend", "settings-gate"], "There is no workspace yet.", "opchaos workspace new --phase 1"),
        (["attack", "--hint"], "Which attack?", "Name one"),
        (["attack", "env_var_missing", "--hint", "--explain"], "do not go together", "Give one of them."),
        (["heal", "env_var_missing", "--all"], "do not go together", "opchaos heal env_var_missing"),
        (["--tier", "perfect", "status"], "`PERFECT` is no value for --tier.", "Choose live, embedded"),
        (["run", "--tier", "perfect"], "`PERFECT` is no value for --tier.", "Choose live, embedded"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_told_in_three_parts_with_exit_code_2(cli, arguments, what, fix):
    result = cli(*arguments)

    assert result.exit_code == 2
    assert what in result.stderr
    assert "Fix: " in result.stderr
    assert fix in result.stderr
    assert result.stdout == ""


def test_a_wrong_variable_is_named(cli, monkeypatch):
    monkeypatch.setenv("OPCHAOS_SEED", "many")

    result = cli("status")

    assert result.exit_code == 2
    assert "`many` is no value for OPCHAOS_SEED." in result.stderr
    assert "unset it" in result.stderr


def test_a_mission_folder_that_is_a_file_is_refused(cli, tmp_path):
    (tmp_path / "file").write_text("mine")

    result = cli("--home", str(tmp_path / "file"), "status")

    assert result.exit_code == 2
    assert "The mission folder is a file." in result.stderr
    assert str(tmp_path / "file") in result.stderr


def test_an_unforeseen_error_leaves_its_traceback_in_a_file_and_says_where(cli, monkeypatch):
    def broken(_own):
        raise RuntimeError("a surprise")

    monkeypatch.setattr(catalogue, "load", broken)

    result = cli("attack")

    assert result.exit_code == 1
    assert "did not foresee" in result.stderr
    assert "RuntimeError: a surprise" in result.stderr
    assert "issue tracker" in result.stderr
    (crash,) = (cli.settings.state / "crashes").iterdir()
    assert str(crash) in result.stderr
    assert "Traceback (most recent call last)" in crash.read_text()


def test_an_unforeseen_error_is_told_even_where_no_file_can_be_written(cli, monkeypatch):
    def broken(_own):
        raise RuntimeError("a surprise")

    monkeypatch.setattr(catalogue, "load", broken)
    monkeypatch.setattr(failures, "_write_crash", broken)

    result = cli("attack")

    assert result.exit_code == 1
    assert "RuntimeError: a surprise" in result.stderr


@pytest.mark.parametrize(
    ("number", "expected", "code"),
    [(errno.ENOSPC, DiskFull, 1), (errno.EACCES, InvalidInput, 2), (errno.EROFS, InvalidInput, 2)],
)
def test_a_full_disk_and_a_closed_folder_have_errors_of_their_own(cli, monkeypatch, number, expected, code):
    refusal = OSError(number, "the system says no", "/somewhere/file")
    translated = failures.translated(refusal)
    assert type(translated) is expected
    assert "/somewhere/file" in translated.evidence
    assert translated.fix

    def refuse(_own):
        raise refusal

    monkeypatch.setattr(catalogue, "load", refuse)
    result = cli("attack")

    assert result.exit_code == code
    assert translated.what in result.stderr
    assert not (cli.settings.state / "crashes").exists()


def test_an_error_that_is_none_of_these_is_not_translated():
    assert failures.translated(ValueError("no")) is None
    assert failures.translated(OSError(errno.EBADF, "no")) is None


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Interrupted("Stopped by hand.", fix="Again.")])
def test_ctrl_c_ends_with_130_and_a_clean_message(cli, monkeypatch, error):
    def press(_own):
        raise error

    monkeypatch.setattr(catalogue, "load", press)

    result = cli("attack")

    assert result.exit_code == 130
    assert "Stopped" in result.stderr


def test_ctrl_c_heals_what_it_left_half_done(with_workspace, monkeypatch):
    cli = with_workspace
    codenames = cli.settings.workspace / "src/mission_control/codenames.py"
    before = codenames.read_text()

    def press(_own):
        launch_half_way(cli.settings)
        assert codenames.read_text() != before
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "load", press)
    result = cli("attack")

    assert result.exit_code == 130
    assert "`codename_scrambled` was cut off half-way. That is healed" in result.stderr
    assert codenames.read_text() == before


def test_a_first_ctrl_c_does_not_cut_a_clean_up_short_a_second_one_does():
    pressed = []
    done = []
    with undisturbed(lambda: pressed.append(1)):
        signal.raise_signal(signal.SIGINT)
        done.append("cleaned")
    assert (pressed, done) == ([1], ["cleaned"])

    def press_twice():
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        press_twice()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_jupyterlab_that_is_not_installed_is_named_with_its_remedy(cli, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "jupyterlab" else find_spec(name, *rest),
    )

    result = cli("lab")

    assert result.exit_code == 1
    assert "JupyterLab is not installed." in result.stderr
    assert "pip install" in result.stderr


def test_a_terminal_without_utf_8_gets_a_list_too(cli):
    code, output = cli.wait("attack", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert code == 0, output
    assert "env_var_missing" in output
