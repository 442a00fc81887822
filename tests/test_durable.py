from __future__ import annotations

import errno
import os

import pytest

from chaos_lib import durable, faultpoints
from chaos_lib.errors import DiskFull


@pytest.fixture
def drafts(tmp_path):
    return tmp_path / "drafts"


def test_a_file_is_made_with_its_mode(tmp_path, drafts):
    durable.write_bytes(tmp_path / "file", b"x", mode=0o640, draft_folder=drafts)

    assert (tmp_path / "file").read_bytes() == b"x"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    assert list(drafts.iterdir()) == []


def test_without_a_mode_the_file_keeps_its_own(tmp_path, drafts):
    (tmp_path / "file").touch(mode=0o600)

    durable.write_bytes(tmp_path / "file", b"x", draft_folder=drafts)

    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_draft_with_a_mode_is_never_anybody_else_s(tmp_path, drafts, monkeypatch):
    seen = []
    monkeypatch.setattr(
        faultpoints, "on_reach", lambda _: seen.extend(p.stat().st_mode & 0o077 for p in drafts.iterdir())
    )

    durable.write_bytes(tmp_path / "secret", b"x", mode=0o600, draft_folder=drafts)

    assert seen == [0]


def test_a_reader_sees_the_old_content_or_the_new_never_half(tmp_path, drafts, monkeypatch):
    (tmp_path / "file").write_bytes(b"old")
    seen = []
    monkeypatch.setattr(faultpoints, "on_reach", lambda _: seen.append((tmp_path / "file").read_bytes()))

    durable.write_bytes(tmp_path / "file", b"new", draft_folder=drafts)

    assert seen == [b"old", b"new"]


def test_a_link_is_replaced_and_what_it_leads_to_is_not_touched(tmp_path, drafts):
    (tmp_path / "other").write_bytes(b"mine")
    (tmp_path / "file").symlink_to(tmp_path / "other")
    (tmp_path / "twin").write_bytes(b"one")
    os.link(tmp_path / "twin", tmp_path / "hard")

    durable.write_bytes(tmp_path / "file", b"new", mode=0o600, draft_folder=drafts)
    durable.write_bytes(tmp_path / "hard", b"two", mode=0o600, draft_folder=drafts)

    assert (tmp_path / "other").read_bytes() == b"mine"
    assert (tmp_path / "twin").read_bytes() == b"one"
    assert not (tmp_path / "file").is_symlink()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_the_file_and_no_draft(tmp_path, drafts, monkeypatch, code):
    (tmp_path / "file").write_bytes(b"old")

    def full(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull) as caught:
        durable.write_bytes(tmp_path / "file", b"new", draft_folder=drafts)

    assert "no room" in caught.value.what
    assert str(tmp_path / "file") in caught.value.evidence
    assert "opchaos heal --all" in caught.value.fix
    assert (tmp_path / "file").read_bytes() == b"old"
    assert list(drafts.iterdir()) == []


def test_another_trouble_of_the_system_is_not_called_a_full_disk(tmp_path, drafts):
    with pytest.raises(FileNotFoundError):
        durable.write_bytes(tmp_path / "none" / "file", b"x", draft_folder=drafts)
    assert list(drafts.iterdir()) == []


def test_removing_twice_is_removing_once(tmp_path):
    (tmp_path / "file").touch()

    durable.remove(tmp_path / "file")
    durable.remove(tmp_path / "file")
    durable.remove(tmp_path / "no" / "such" / "folder")

    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_from_the_outside_in(tmp_path):
    durable.make_folders(tmp_path / "a" / "b" / "c")
    durable.make_folders(tmp_path / "a" / "b" / "c")

    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_the_drafts_of_a_killed_process_are_cleared(drafts):
    assert durable.clear_drafts(drafts) == 0
    drafts.mkdir()
    (drafts / "draft-1").touch()
    (drafts / "mine").touch()

    assert durable.clear_drafts(drafts) == 1
    assert [path.name for path in drafts.iterdir()] == ["mine"]
