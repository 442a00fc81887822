from __future__ import annotations

from chaos_lib.ui import source_view

from .fake_mission import HOSTILE

DIFF = """diff --git a/src/a.py b/src/a.py
index a0a4c89..179212c 100644
--- a/src/a.py
+++ b/src/a.py
@@ -24,3 +24,3 @@ def f():
 same
-old <b>
+new <i>
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755"""


def test_a_diff_marks_lines_by_sign_and_colour_and_leaves_out_what_git_says_to_programs() -> None:
    shown = source_view.diff(DIFF)
    assert '<span class="oc-removed">− old &lt;b&gt;</span>' in shown.html
    assert '<span class="oc-added">+ new &lt;i&gt;</span>' in shown.html
    assert "from line 24" in shown.html
    assert "+1 −1 lines" in shown.html
    assert "index a0a4c89" not in shown.html
    assert shown.text == DIFF


def test_a_file_whose_mode_alone_changed_says_so() -> None:
    page = source_view.diff(DIFF).html
    assert "run.sh" in page
    assert "new mode 100755" in page


def test_no_difference_is_said_in_words() -> None:
    assert source_view.diff("").text.startswith("✓ NO CHANGES")


def test_a_file_is_shown_with_its_name_and_in_colours_that_follow_the_theme() -> None:
    shown = source_view.file("tests/conftest.py", "import os\n\n")
    assert "class=highlight" in shown.html
    assert '<span class="kn">import</span>' in shown.html
    assert "style=" not in shown.html
    assert shown.text == "tests/conftest.py\n\nimport os"


def test_names_and_contents_are_escaped() -> None:
    for path in ("ci.env", "a.unknown", f"{HOSTILE}.py"):
        assert "<script" not in source_view.file(path, HOSTILE).html
    assert "<script" not in source_view.diff(f"diff --git a/x b/x\n@@ -1 +1 @@\n+{HOSTILE}").html
