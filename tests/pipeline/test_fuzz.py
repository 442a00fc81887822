"""Whatever a file holds, the linter answers."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_lib.pipeline.answer import answer
from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.credential_inventory import inventory
from chaos_lib.pipeline.rules.jenkinsfile_lint import lint
from chaos_lib.pipeline.rules.policy import policy
from chaos_lib.pipeline.rules.secret_scan import scan_text, scan_use
from chaos_lib.pipeline.rules.stage_order import stage_order
from chaos_lib.pipeline.rules.trusted_branch import branch_guards

from .test_reference import EXPECTED, text_of

_PIECES = [
    "pipeline",
    "{",
    "agent",
    "any",
    "stages",
    "stage('A')",
    "steps",
    "echo",
    "sh",
    "script",
    "when",
    "not",
    "allOf",
    "post",
    "always",
    "environment",
    "matrix",
    "axes",
    "axis",
    "values",
    "name",
    "options",
    "timeout",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    ".",
    "->",
    "=",
    "==",
    "+",
    "-",
    "*",
    "/",
    "!",
    "?",
    "?:",
    "?.",
    "'",
    '"',
    "'''",
    '"""',
    "$",
    "${",
    "\\",
    "/*",
    "//",
    "#",
    "@",
    "def",
    "if",
    "else",
    "for",
    "while",
    "try",
    "catch",
    "return",
    "new",
    "in",
    "as",
    "1",
    "1_",
    "0x",
    "1.5",
    "true",
    "null",
    "\n",
    "\t",
    "é",
    "\x00",
    "/x/",
    "$/",
    "/$",
    "String",
    "x",
    "Foo",
]
_FILES = [text_of(entry["file"]) for entry in EXPECTED]


def must_answer(text: str) -> None:
    parsed = parse(text)

    assert isinstance(parsed, ParsedPipeline)
    assert answer(parsed)
    for problem in parsed.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message

    for rule in (lint, policy, stage_order, scan_use, branch_guards):
        assert all(finding.remedy for finding in rule(parsed))
    assert all(finding.reason for finding in (*inventory(parsed, ["a"]), *scan_text(text)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join))
def test_any_sequence_of_its_words_is_answered(text):
    must_answer(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_any_text_is_answered(text):
    must_answer(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join))
def test_anything_within_the_steps_of_a_pipeline_is_answered(text):
    must_answer(f"pipeline {{\n agent any\n stages {{ stage('A') {{ steps {{\n{text}\n}} }} }}\n}}\n")


@pytest.mark.parametrize("seed", range(8))
def test_files_with_pieces_cut_out_and_put_in_are_answered(seed):
    chance = random.Random(seed)
    for text in _FILES:
        for _ in range(8):
            at = chance.randrange(len(text) + 1)
            cut = text[:at] + text[at + chance.randrange(12) :]
            at = chance.randrange(len(cut) + 1)
            must_answer(cut[:at] + chance.choice(_PIECES) * chance.randrange(3) + cut[at:])


@pytest.mark.parametrize(
    "opening", ["(", "[", "{", "foo {\n", "x = ", "!", "a.b(", '"${', "if (x) ", "{ a -> "]
)
def test_depth_without_end_is_answered(opening):
    must_answer(opening * 3000)


def test_a_pipeline_nested_too_deeply_is_told_so():
    parsed = parse("foo(" * 3000 + ")" * 3000)

    assert [problem.message for problem in parsed.problems] == ["the file is nested too deeply"]


@pytest.mark.parametrize("operator", [" + ", " || ", ".b().", " ? a : "])
def test_length_without_end_is_answered(operator):
    must_answer("pipeline { x = " + operator.join(["a"] * 2000) + " }")
