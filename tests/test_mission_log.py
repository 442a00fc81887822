from __future__ import annotations

import contextlib
import sqlite3
import threading

import pytest

from chaos_lib import sqlite_file
from chaos_lib.errors import DiskFull, GuardRefused, JournalDamaged, LabBusy
from chaos_lib.mission import Mission
from chaos_lib.mission_log import Event, MissionLog
from chaos_lib.phases import phase


@pytest.fixture
def log(tmp_path):
    return MissionLog(tmp_path / "state" / "mission.sqlite", now=lambda: 12.5)


def test_a_new_log_is_empty_and_reading_makes_no_file(log):
    assert log.events() == []
    assert not log.path.exists()


def test_events_come_back_in_order_with_their_details(log):
    log.add("phase-1", "attack_launched", "a", by="button", tries=2)
    log.add("phase-1", "symptom_seen", "a")

    assert log.events() == [
        Event(12.5, "phase-1", "attack_launched", "a", {"by": "button", "tries": 2}),
        Event(12.5, "phase-1", "symptom_seen", "a", {}),
    ]


def test_events_can_be_chosen_by_phase_and_kind(log):
    log.add("phase-0", "attempt", "a")
    log.add("phase-1", "attempt", "b")
    log.add("phase-1", "hint_taken", "c")

    assert [e.name for e in log.events(phase="phase-1")] == ["b", "c"]
    assert [e.name for e in log.events(kind="attempt")] == ["a", "b"]
    assert [e.name for e in log.events(phase="phase-1", kind="attempt")] == ["b"]


def test_another_process_sees_what_was_added(log):
    log.add("phase-1", "attempt", "a")

    assert [e.name for e in MissionLog(log.path).events()] == ["a"]


def test_many_writers_lose_nothing(log):
    threads = [
        threading.Thread(target=lambda n=n: [log.add("p", "attempt", f"{n}-{i}") for i in range(5)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(e.name for e in log.events()) == sorted(f"{n}-{i}" for n in range(4) for i in range(5))


@pytest.mark.parametrize("content", [b"no database at all" * 50, b"SQLite format 3\0" + b"\xff" * 2000])
def test_a_file_that_is_no_log_is_told(log, content):
    log.path.parent.mkdir()
    log.path.write_bytes(content)

    for act in (log.events, lambda: log.add("p", "attempt", "a")):
        with pytest.raises(JournalDamaged) as caught:
            act()
        assert "mission log" in caught.value.what
        assert str(log.path) in caught.value.evidence
        assert "Move the file away" in caught.value.fix


def test_a_folder_in_its_place_is_told(log):
    log.path.mkdir(parents=True)

    with pytest.raises(JournalDamaged):
        log.events()


def test_a_damaged_detail_is_told(log):
    log.add("p", "attempt", "a")
    with contextlib.closing(sqlite3.connect(log.path)) as connection, connection:
        connection.execute("UPDATE event SET data = '{'")

    with pytest.raises(JournalDamaged):
        log.events()


def test_a_full_disk_is_told(log):
    log.add("p", "attempt", "a")
    error = None
    with contextlib.closing(sqlite3.connect(log.path)) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        try:
            connection.execute(
                "INSERT INTO event SELECT 9, at, phase, kind, name, zeroblob(100000) FROM event"
            )
        except sqlite3.OperationalError as exc:
            error = sqlite_file.told(log.path, exc, what="mission log")

    assert isinstance(error, DiskFull)
    assert "no room" in error.what
    assert "full" in error.evidence
    assert error.fix


def test_a_log_that_another_process_holds_is_told(log, monkeypatch):
    monkeypatch.setattr(sqlite_file, "_BUSY_S", 0.05)
    log.add("p", "attempt", "a")
    with contextlib.closing(sqlite3.connect(log.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LabBusy) as caught:
            log.add("p", "attempt", "b")
        other.rollback()

    assert "Another process" in caught.value.what
    assert "locked" in caught.value.evidence
    assert "Wait" in caught.value.fix
    log.add("p", "attempt", "b")


def test_a_refusal_of_the_guard_is_in_the_log(settings, tmp_path):
    mission = Mission(settings, phase(1))

    with pytest.raises(GuardRefused):
        mission.experiment.guard.file("../../outside.txt")
    with pytest.raises(GuardRefused):
        mission.experiment.guard.kube(tmp_path / "kubeconfig", "production", "default")
    with pytest.raises(GuardRefused):
        mission.experiment.guard.docker_object("their-db", {})

    refused = mission.log.events(kind="guard_refused")
    assert ["outside" in refused[0].name, "production" in refused[1].name, "their-db" in refused[2].name] == [
        True
    ] * 3
    assert all(event.data["evidence"] for event in refused)
