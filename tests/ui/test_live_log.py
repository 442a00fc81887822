from __future__ import annotations

from chaos_lib.ui.live_log import LiveLog


def test_the_page_is_not_redrawn_more_often_than_the_eye_can_follow() -> None:
    now = [0.0]
    log = LiveLog("log", now=lambda: now[0], interval_s=0.1)
    log.add("first")
    log.add("second")
    assert "second" not in log.widget.value
    now[0] = 0.2
    log.add("third")
    assert "second" in log.widget.value
    assert "third" in log.widget.value


def test_flush_shows_the_last_line_and_start_empties_it() -> None:
    log = LiveLog("log", now=lambda: 0.0)
    log.add("one")
    log.add("two")
    log.flush()
    assert "two" in log.widget.value
    log.start()
    assert log.widget.value == ""


def test_terminal_colours_control_characters_and_endless_lines_are_tamed() -> None:
    log = LiveLog("log", now=lambda: 0.0)
    log.add("\x1b[31mred\x1b[0m\x07 plain\r\n")
    log.add("x" * 5000)
    assert log.lines[0] == "red plain"
    assert len(log.lines[1]) == 401
