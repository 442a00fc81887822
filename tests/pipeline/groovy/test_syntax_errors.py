"""The errors of Groovy 2.4, by message, line and column.

Where an alternative is chosen by the next token, Groovy says `unexpected token`; where it must match one, it says
what it expected. Each case follows from its grammar; those of everyday life were seen in Jenkins's own output.
"""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.groovy.statement_grammar import parse_groovy
from chaos_lib.pipeline.groovy.tokens import GroovySyntaxError

DOLLAR = (
    "illegal string body character after dollar sign;\n   solution: either escape a literal dollar sign "
    '"\\$5" or bracket the value expression "${5}"'
)
CASES = [
    # braces and brackets
    ("a {\n  b()\n", "expecting '}', found ''", 3, 1),
    ("a {\n}\n}\n", "unexpected token: }", 3, 1),
    ("a { } }", "expecting EOF, found '}'", 1, 7),
    ("a(\n}", "unexpected token: }", 2, 1),
    ("a(1 2)", "unexpected token: 2", 1, 5),
    ("a(1", "unexpected token: 1", 1, 3),
    ("[1, 2\n}", "expecting ']', found '}'", 2, 1),
    ("[1\n}", "unexpected token: }", 2, 1),
    ("a { ) }", "unexpected token: )", 1, 5),
    ("a(1,,)", "unexpected token: ,", 1, 5),
    ("if (a b) { }", "expecting ')', found 'b'", 1, 7),
    ("if a { }", "expecting '(', found 'a'", 1, 4),
    ("x[1)", "expecting ']', found ')'", 1, 4),
    # expressions
    ("x = \n}", "unexpected token: }", 2, 1),
    ("x = 1 +\n", "unexpected token: ", 2, 1),
    ("x = a ? b\n", "expecting ':', found ''", 2, 1),
    ("a.\n)", "unexpected token: )", 2, 1),
    ("def = 1", "unexpected token: def", 1, 1),
    ("for (i in 1..3 { }", "expecting ')', found ''", 1, 19),
    ("else { }", "unexpected token: else", 1, 1),
    ("a b: 1 c: 2", "expecting EOF, found ':'", 1, 9),
    (
        "a(x: 1, x: 2)",
        "Duplicate named parameter 'x' found. at line: 1 column: 3. File: WorkflowScript",
        1,
        3,
    ),
    (
        "'a' = 1",
        "\n[a] is a constant expression, but it should be a variable expression at line: 1 column: 5. "
        "File: WorkflowScript",
        1,
        5,
    ),
    (
        "try { }\n",
        "A try statement must have at least one catch or finally block. at line: 1 column: 1. File: WorkflowScript",
        1,
        1,
    ),
    # strings
    ("sh 'make\n", "expecting ''', found '\\n'", 1, 9),
    ("sh 'make", "expecting ''', found '<EOF>'", 1, 9),
    ('sh "make\n', "expecting anything but ''\\n''; got it anyway", 1, 9),
    ('sh "make', "unexpected char: 0xFFFF", 1, 9),
    ("sh '''make\n", "expecting ''', found '<EOF>'", 2, 1),
    ("sh 'a\\d'", "unexpected char: '\\'", 1, 6),
    ('sh "cost: $"', DOLLAR, 1, 1),
    ('sh "ls -l $(which oc)"', DOLLAR, 1, 1),
    ('sh(script: "ls $(x)")', DOLLAR, 1, 17),
    ('a(b: ["ls $(x)"])', DOLLAR, 1, 6),
    ('sh "a ${b} $(x)"', DOLLAR, 1, 10),
    ('echo "${a b}"', None, 0, 0),
    ('echo "${a"', "unexpected char: '\"'", 1, 10),
    # characters and numbers
    ("a # b", "unexpected char: '#'", 1, 3),
    ("a\n/* b", "expecting '*', found '<EOF>'", 2, 5),
    ("x = 1_A", "expecting token in range: '0'..'9', found 'A'", 1, 7),
    # blocks that are none
    ("a()\n\n{ b() }", None, 0, 0),
    (
        "a { { b() } }",
        "Ambiguous expression could be either a parameterless closure expression or an isolated open code block;\n"
        "   solution: Add an explicit closure parameter list, e.g. {it -> ...}, or force it to be treated as an open "
        "block by giving it a label, e.g. L:{...}",
        1,
        5,
    ),
]


@pytest.mark.parametrize(("source", "message", "line", "column"), CASES, ids=[case[0] for case in CASES])
def test_an_error_is_told_as_groovy_does(source, message, line, column):
    if message is None:
        parse_groovy(source)
        return
    with pytest.raises(GroovySyntaxError) as caught:
        parse_groovy(source)

    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


def test_the_first_error_counts_even_if_a_string_further_on_is_broken():
    with pytest.raises(GroovySyntaxError) as caught:
        parse_groovy("a ) b\nsh 'make\n")

    assert caught.value.message == "unexpected token: a"
