from pathlib import Path

import pytest

from chaos_lib.errors import LabError
from chaos_lib.lab.apt_sources import debian_mirror, read_sources

DEB822 = """\
Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security/
Suites: bookworm-security
Components: main

Types: deb
URIs: https://packages.vendor.example/tool
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://old.example/debian
Suites: bookworm
Components: main
"""

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main  # note
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb https://packages.vendor.example/linux/debian bookworm stable
deb
deb [broken http://x.example/debian bookworm main
"""


def _apt(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    for name, text in files.items():
        (tmp_path / "sources.list.d" / name.replace("_", ".")).write_text(text)
    return tmp_path


def test_the_mirror_is_read_from_deb822_files(tmp_path: Path) -> None:
    mirror = debian_mirror(_apt(tmp_path, debian_sources=DEB822))
    assert mirror.archive == "http://mirror.example/debian"
    assert mirror.security == "http://mirror.example/debian-security/"


def test_the_mirror_is_read_from_one_line_files(tmp_path: Path) -> None:
    apt = _apt(tmp_path)
    (apt / "sources.list").write_text(ONE_LINE)
    assert debian_mirror(apt).archive == "http://mirror.example/debian"
    assert debian_mirror(apt).security == "http://mirror.example/debian-security"


def test_options_of_a_one_line_source_are_not_taken_for_its_address(tmp_path: Path) -> None:
    source = read_sources(_apt(tmp_path, a_list=ONE_LINE))[0]
    assert (source.uri, source.suite, source.keyring) == (
        "http://mirror.example/debian",
        "bookworm",
        "/k.gpg",
    )


def test_repositories_of_vendors_are_not_the_archive(tmp_path: Path) -> None:
    sources = read_sources(_apt(tmp_path, debian_sources=DEB822))
    assert {s.uri for s in sources if not s.is_debian} == {"https://packages.vendor.example/tool"}


def test_a_mirror_with_another_path_is_known_by_its_keyring(tmp_path: Path) -> None:
    text = (
        "Types: deb\nURIs: http://mirror.example/apt/d12\nSuites: bookworm\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    assert debian_mirror(_apt(tmp_path, x_sources=text)).archive == "http://mirror.example/apt/d12"


def test_the_lines_for_another_release_name_that_release(tmp_path: Path) -> None:
    lines = debian_mirror(_apt(tmp_path, debian_sources=DEB822)).lines("trixie")
    assert [line.split()[2] for line in lines] == ["trixie", "trixie-updates", "trixie-security"]


def test_a_machine_without_the_archive_is_told_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(LabError) as caught:
        debian_mirror(_apt(tmp_path, v_list="deb https://packages.vendor.example/x bookworm stable\n"))
    assert "No source of the Debian archive" in caught.value.what
    assert str(tmp_path) in caught.value.evidence
    assert "OPCHAOS_IMAGES=upstream" in caught.value.fix
