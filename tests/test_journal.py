from __future__ import annotations

import threading

import pytest

from chaos_lib.errors import JournalDamaged, LabBusy
from chaos_lib.journal import Journal


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "state")


def start(journal, attack="a", run="r1"):
    journal.begin(run, attack)
    return journal.intend(
        run, "workspace.file", "app.py", before={"blob": "x", "mode": 1}, after={"absent": []}
    )


def test_a_new_journal_has_nothing_open(journal):
    assert journal.state().runs == ()


def test_an_operation_is_open_from_its_intent_on(journal):
    number = start(journal)

    (operation,) = journal.state().operations
    assert (operation.number, operation.kind, operation.target) == (number, "workspace.file", "app.py")
    assert operation.before == {"blob": "x", "mode": 1}


def test_a_run_is_half_done_until_it_is_launched(journal):
    start(journal)
    assert not journal.state().runs[0].is_launched

    journal.launched("r1")

    assert journal.state().runs[0].is_launched


@pytest.mark.parametrize("end", ["undone", "kept"])
def test_an_operation_that_ended_is_not_open(journal, end):
    getattr(journal, end)(start(journal))

    assert journal.state().operations == ()


def test_a_closed_run_is_gone(journal):
    journal.undone(start(journal))
    journal.closed("r1")

    assert journal.state().runs == ()


def test_the_journal_is_read_the_same_by_another_process(journal):
    start(journal)

    assert Journal(journal.folder).state() == journal.state()


def test_numbers_rise_over_runs(journal):
    first = start(journal)
    second = start(journal, "b", "r2")

    assert second > first


def test_a_torn_last_line_is_ignored_and_does_not_swallow_the_next_record(journal):
    start(journal)
    with journal.path.open("ab") as stream:
        stream.write(b'1234abcd {"record":"laun')

    assert len(journal.state().operations) == 1
    assert journal.state().damaged_lines == 0
    journal.launched("r1")
    assert journal.state().runs[0].is_launched


def test_a_damaged_line_is_counted_and_the_good_ones_count(journal):
    start(journal)
    text = journal.path.read_bytes().replace(b'"attack":"a"', b'"attack":"z"')
    journal.path.write_bytes(text)

    state = journal.state()

    assert state.damaged_lines == 1
    assert len(state.operations) == 1, "the inverse is still there although the begin record is damaged"


def test_garbage_in_the_file_is_survived(journal):
    start(journal)
    with journal.path.open("ab") as stream:
        stream.write(b"\x00\xff\xfe garbage\n[]\n\n")

    assert len(journal.state().operations) == 1


def test_a_stored_value_comes_back(journal):
    key = journal.store(b"content")

    assert journal.load(key) == b"content"


def test_a_changed_blob_is_noticed(journal):
    key = journal.store(b"content")
    (journal.blobs / key).write_bytes(b"other")

    with pytest.raises(JournalDamaged) as caught:
        journal.load(key)
    assert "gone or was changed" in caught.value.what
    assert key in caught.value.evidence
    assert "opchaos workspace restore" in caught.value.fix


def test_a_new_journal_is_started_only_when_nothing_is_open(journal):
    number = start(journal)
    journal.compact()
    assert journal.path.exists()

    journal.undone(number)
    journal.closed("r1")
    journal.compact()

    assert not journal.path.exists()
    assert (journal.folder / "journal.old.jsonl").exists()


def test_a_second_process_waits_and_is_told_who_holds_the_journal(journal, monkeypatch):
    monkeypatch.setattr("chaos_lib.journal._LOCK_WAIT_S", 0.05)
    other = Journal(journal.folder)
    with journal.locked():
        errors = []

        def try_it():
            try:
                with other.locked():
                    pass
            except LabBusy as exc:
                errors.append(exc)

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()

    (error,) = errors
    assert "Another process" in error.what
    assert "journal.lock" in error.evidence
    assert "Wait" in error.fix
