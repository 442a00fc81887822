import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_lib.errors import LabBusy
from chaos_lib.lab.facility import Progress
from chaos_lib.lab.lock import exclusive

HOLD = """
import sys
from pathlib import Path
from chaos_lib.lab.lock import exclusive
with exclusive(Path(sys.argv[1]), "starting the lab", timeout_s=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def _holder(path: Path) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    news: list[Progress] = []
    with _holder(tmp_path / "a.lock") as holder:
        with (
            pytest.raises(LabBusy) as caught,
            exclusive(tmp_path / "a.lock", "stopping", timeout_s=0.2, progress=news.append),
        ):
            pytest.fail("held twice")
        holder.kill()
    assert "Another process is changing the lab" in caught.value.what
    assert caught.value.evidence == f"process {holder.pid} is starting the lab"
    assert "Ctrl-C" in caught.value.fix
    assert f"process {holder.pid} is starting the lab" in news[0].detail


def test_a_lock_whose_holder_was_killed_is_free(tmp_path: Path) -> None:
    with _holder(tmp_path / "a.lock") as holder:
        holder.kill()
        holder.wait()
        with exclusive(tmp_path / "a.lock", "starting", timeout_s=2):
            assert str(os.getpid()) in (tmp_path / "a.holder").read_text()


def test_one_process_cannot_hold_it_twice_either(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "a.lock", "first", timeout_s=0),
        pytest.raises(LabBusy, match="is first"),
        exclusive(tmp_path / "a.lock", "second", timeout_s=0),
    ):
        pytest.fail("held twice")
