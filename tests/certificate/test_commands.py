from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

import chaos_lib as chaos
from chaos_lib.certificate import Office, keys
from chaos_lib.errors import CertificateRefused, InvalidInput, ToolMissing
from chaos_lib.settings import Settings
from tests.cli.conftest import Cli

from .conftest import play


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands on a mission in which the briefing was played."""
    settings = Settings(home=tmp_path / "mission")
    play(settings)
    monkeypatch.setenv("OPCHAOS_HOME", str(settings.home))
    monkeypatch.delenv("COLUMNS", raising=False)
    return Cli(settings)


def issue(cli: Cli, *more: str, name: str = "Ada Lovelace") -> Path:
    result = cli("certificate", "issue", "--name", name, *more)
    assert result.exit_code == 0, result.output
    return max((cli.settings.home / "certificates").glob("*.pdf"), key=lambda path: path.stat().st_mtime_ns)


def test_issue_says_what_and_where(cli: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "mine.pdf"
    result = cli("certificate", "issue", "--name", "Ada Lovelace", "--out", str(copy))

    assert result.exit_code == 0
    assert "CERTIFICATE OF PARTICIPATION  Ada Lovelace" in result.stdout
    assert "10 of " in result.stdout
    assert copy.read_bytes().startswith(b"%PDF")
    again = cli("certificate", "issue", "--name", "Ada Lovelace", "--out", str(copy))
    assert again.exit_code == 2
    assert "There is a file already." in again.stderr


def test_verify_by_file_and_id(cli: Cli) -> None:
    pdf = issue(cli)

    by_file = cli("certificate", "verify", str(pdf), "--evidence", str(pdf.with_suffix(".evidence.jsonl")))
    assert by_file.exit_code == 0, by_file.output
    assert "VERIFIED  Ada Lovelace  [PDF, self-attested, EMBEDDED, participation]" in by_file.stdout
    assert "they show this result" in by_file.stdout
    by_id = cli("certificate", "verify", pdf.stem)
    assert (by_id.exit_code, f"Completion ID: {pdf.stem}" in by_id.stdout) == (0, True)


def test_verify_of_a_changed_file_fails_and_says_why(cli: Cli) -> None:
    pdf = issue(cli)
    content = pdf.read_bytes()
    pdf.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])

    result = cli("certificate", "verify", str(pdf))
    assert result.exit_code == 1
    assert "This certificate was changed after it was signed." in result.stderr
    assert cli("certificate", "verify", "nothing.pdf").exit_code == 2


def test_an_instructor_makes_imports_and_gives_away_a_key(cli: Cli, tmp_path: Path) -> None:
    private = tmp_path / "instructor.pem"
    assert cli("certificate", "key", "make", str(private)).exit_code == 0
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert cli("certificate", "key", "make", str(private)).exit_code == 2
    assert cli("certificate", "key", "import", str(private)).exit_code == 0

    shown = cli("certificate", "key", "show")
    assert "signs instructor-attested certificates" in shown.stdout
    assert "PRIVATE" not in shown.output
    public = private.with_suffix(".pub")
    assert cli("certificate", "key", "show", "--pem").stdout == public.read_text()

    pdf = issue(cli, "--attest", "instructor", "--instructor", "Grace Hopper")
    elsewhere = ("--home", str(tmp_path / "elsewhere"), "certificate")
    assert cli(*elsewhere, "verify", str(pdf)).exit_code == 1
    given = cli(*elsewhere, "verify", str(pdf), "--key", str(public))
    assert given.exit_code == 0
    assert "Nothing was changed since the key in instructor.pub signed it." in given.stdout
    assert cli(*elsewhere, "key", "import", str(public), "--label", "Grace Hopper").exit_code == 0
    assert "Grace Hopper" in cli(*elsewhere, "verify", str(pdf)).stdout


def test_a_key_with_a_password_is_imported(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.hazmat.primitives import serialization

    key = keys.parse_private(keys.make_private_pem())
    path = tmp_path / "locked.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"sesame"),
        )
    )

    assert cli("certificate", "key", "import", str(path)).exit_code == 2
    monkeypatch.setenv("OPCHAOS_KEY_PASSWORD", "sesame")
    assert cli("certificate", "key", "import", str(path)).exit_code == 0


def test_input_that_makes_no_sense_is_refused(cli: Cli, tmp_path: Path) -> None:
    for arguments in (
        ("issue", "--name", "🚀"),
        ("issue", "--name", "Ada", "--instructor", "Grace"),
        ("issue", "--name", "Ada", "--attest", "instructor"),
        ("key", "import", str(tmp_path / "none.pem")),
        ("issue", "--name", "Ada", "--paper", "a5"),
    ):
        assert cli("certificate", *arguments).exit_code == 2, arguments


def test_the_list_shows_what_was_issued(cli: Cli) -> None:
    assert "None yet" in cli("certificate", "list").stdout
    pdf = issue(cli, name="山田 太郎")

    listed = cli("certificate", "list").stdout
    assert pdf.stem in listed
    assert "山田 太郎" in listed


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import chaos_lib.certificate

    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'fpdf'", name="fpdf")

    monkeypatch.setattr(chaos_lib.certificate, "import_module", missing)
    with pytest.raises(ToolMissing) as refused:
        _ = chaos_lib.certificate.Office

    assert refused.value.what == "A package for certificates is not installed."
    assert "fpdf" in refused.value.evidence
    assert "operation-chaos[lab]" in refused.value.fix


# In a notebook


def test_a_notebook_shows_the_page_the_download_and_the_posts(cli: Cli) -> None:
    shown = chaos.certify("Ada 山田")
    bundle = shown._repr_mimebundle_()

    assert "<svg" in bundle["text/html"]
    assert "data:application/pdf;base64," in bundle["text/html"]
    assert "linkedin.com/profile/add" in bundle["text/html"]
    assert shown.issued.certificate.id in bundle["text/plain"]
    assert repr(shown) == bundle["text/plain"]
    assert Office(cli.settings).verify(str(shown.issued.files.pdf)).certificate == shown.issued.certificate
    assert chaos.certify("Ada 山田", paper="Letter").issued.certificate == shown.issued.certificate
    with pytest.raises(InvalidInput, match="no paper"):
        chaos.certify("Ada", paper="napkin")


def test_nothing_is_written_to_standard_error(cli: Cli, capfd: pytest.CaptureFixture[str]) -> None:
    # nbgrader gives a cell with stderr no points.
    for name in ("Ada", "محمد 山田", "김민준 \U00012000"):
        chaos.certify(name)

    assert capfd.readouterr().err == ""


def test_a_notebook_says_when_a_letter_is_missing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from chaos_lib.certificate import typesetting

    monkeypatch.setattr(typesetting, "system_face", lambda _: None)
    assert "No font on this machine can draw \U00012000" in chaos.certify("Ada \U00012000").text


def test_a_notebook_without_anything_done_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPCHAOS_HOME", str(tmp_path / "empty"))
    with pytest.raises(CertificateRefused):
        chaos.certify("Ada")


def test_the_attached_json_is_the_one_beside_it(cli: Cli) -> None:
    pdf = issue(cli)

    assert json.loads(pdf.with_suffix(".json").read_text())["id"] == pdf.stem
