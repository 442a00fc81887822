"""Ctrl-C in the middle of a build: it is aborted in good order, and its caller is told who wants to be."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.protocol import BuildRequest, run


class Interrupted:
    """An engine and its build: the first wait is cut off by Ctrl-C, the next one gives the record."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self, request, listener=None):
        return self

    def wait(self, timeout_s):
        self.calls.append("wait")
        if self.calls == ["wait"]:
            raise KeyboardInterrupt
        return "the record"

    def abort(self, by):
        self.calls.append(f"abort by {by}")


@pytest.fixture
def request_of_ann(tmp_path) -> BuildRequest:
    return BuildRequest(jenkinsfile="pipeline {}", workspace=tmp_path, user="ann")


def test_the_build_is_aborted_and_its_record_returned(request_of_ann):
    engine = Interrupted()

    assert run(engine, request_of_ann, timeout_s=1) == "the record"
    assert engine.calls == ["wait", "abort by ann", "wait"]


def test_a_caller_to_whom_half_a_build_says_nothing_gets_the_stop_after_the_abort(request_of_ann):
    engine = Interrupted()

    with pytest.raises(KeyboardInterrupt):
        run(engine, request_of_ann, timeout_s=1, is_stop_told=True)
    assert engine.calls == ["wait", "abort by ann", "wait"]
