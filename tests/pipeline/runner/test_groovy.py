"""The Groovy of script blocks: each line comes to what Groovy makes of it."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.protocol import BuildResult
from tests.pipeline.runner.conftest import Bench, lines

EXPRESSIONS = {
    "1 + 2 * 3": "7",
    "7 / 2": "3.5",
    "6 / 3": "2",
    "1 / 3": "0.3333333333",
    "7 % 3": "1",
    "2 ** 10": "1024",
    "0.1 + 0.2": "0.3",
    "'a' + 1": "a1",
    "'ab' * 2": "abab",
    "[1, 2] + 3": "[1, 2, 3]",
    "[a: 1] + [b: 'x']": "[a:1, b:x]",
    "[:]": "[:]",
    "null": "null",
    "1 == 1.0": "true",
    "'1' == 1": "false",
    "null ?: 'else'": "else",
    "'' ?: 'else'": "else",
    "[] ? 'full' : 'empty'": "empty",
    "3 in [1, 2, 3]": "true",
    "'main' ==~ /ma.*/": "true",
    "('v1.2' =~ /v(\\d)/)[0][1]": "1",
    "(1..3).collect { it * 2 }": "[2, 4, 6]",
    "[3, 1, 2].sort().join('-')": "1-2-3",
    "['a', 'b'].withIndex()": "[[a, 0], [b, 1]]",
    '[a: 1, b: 2].collect { k, v -> "${k}${v}" }': "[a1, b2]",
    "[1, 2, 3, 4].findAll { it % 2 == 0 }.sum()": "6",
    "[1, 2, 3].inject(0) { a, b -> a + b }": "6",
    "[[n: 'x'], [n: 'y']]*.n": "[x, y]",
    "null?.length()": "null",
    "'  trim '.trim().toUpperCase().length()": "4",
    "'a,b,,'.split(',').size()": "2",
    "'a b'.tokenize()": "[a, b]",
    "'main'.replaceAll(/(m)(a)/, '$2$1')": "amin",
    "'feature/x'.startsWith('feature/')": "true",
    "'abc'[0] + 'abc'[-1] + 'abc'[0..1]": "acab",
    "'42'.toInteger() + 1": "43",
    "'v%03d'.format(7) == null": "false",
    "String.format('v%03d', 7)": "v007",
    "Math.max(3, 4)": "4",
    "[1, 2, 3].any { it > 2 } && ![1].every { it > 1 }": "true",
    "[b: 1, a: 2].sort { it.key }": "[a:2, b:1]",
    "5.times { } == null": "true",
    "(1 instanceof Integer) && !('x' instanceof Integer)": "true",
    "'x' as String": "x",
    "2 <=> 1": "1",
    "[1, [2, [3]]].flatten()": "[1, 2, 3]",
    "['x', 'y', 'x'].unique()": "[x, y]",
    "[1, 2, 3][-1]": "3",
    "true ? 'yes' : 'no'": "yes",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_comes_to_what_groovy_says(bench: Bench, expression: str) -> None:
    record = bench.steps(f'script {{ def v = {expression}\n echo "=${{v}}" }}')

    assert lines(record)[-1] == f"={EXPRESSIONS[expression]}"


def said(bench: Bench, script: str) -> list[str]:
    return lines(bench.steps(f"script {{\n{script}\n}}"))


def test_flow(bench: Bench) -> None:
    assert said(
        bench,
        """def out = []
        for (x in [1, 2, 3]) { if (x == 2) continue; out << x }
        for (int i = 0; i < 10; i++) { if (i == 2) break; out << "i${i}" }
        def n = 0
        while (n < 3) { n += 1 }
        out.add(n)
        switch (n) { case 3: out << 'three'; break; default: out << 'other' }
        def (a, b) = [7, 8]
        out << a + b
        [x: 1].each { k, v -> out << "${k}=${v}" }
        echo out.join(',')""",
    ) == ["1,3,i0,i1,3,three,15,x=1"]


def test_try_catch_finally_keeps_the_stage_green(bench: Bench) -> None:
    record = bench.steps("""script {
        try { sh 'exit 4' } catch (hudson.AbortException e) { echo "caught ${e.message}" } finally { echo 'finally' }
        try { throw new RuntimeException('mine') } catch (IOException e) { echo 'wrong' } catch (e) { echo e.toString() }
    }""")

    assert lines(record)[-3:] == [
        "caught script returned exit code 4",
        "finally",
        "java.lang.RuntimeException: mine",
    ]
    assert record.result is BuildResult.SUCCESS


def test_methods_and_variables_beside_the_pipeline(bench: Bench) -> None:
    record = bench.run("""def greet(who, word = 'hello') { return "${word} ${who}" }
def everywhere = 'seen'
pipeline { agent any
    stages { stage('A') { steps {
        echo greet('ann')
        script { shared = 5; echo everywhere }
    } }
    stage('B') { steps { echo "${shared}" } } }
}""")

    assert lines(record) == ["hello ann", "seen", "5"]


def test_closures_are_values(bench: Bench) -> None:
    assert said(
        bench, 'def twice = { x -> x * 2 }\ndef sum = 0\n[1, 2].each { sum += twice(it) }\necho "${sum}"'
    ) == ["6"]


def test_the_build_knows_itself(bench: Bench) -> None:
    assert said(
        bench,
        """echo "${currentBuild.number} ${currentBuild.result} ${currentBuild.currentResult} ${currentBuild.previousBuild}"
        currentBuild.result = 'UNSTABLE'
        currentBuild.displayName = 'mine'
        currentBuild.result = 'SUCCESS'
        echo "${currentBuild.result} ${currentBuild.displayName}\"""",
    ) == ["1 null SUCCESS null", "UNSTABLE mine"]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (
            "echo nowhere",
            "groovy.lang.MissingPropertyException: No such property: nowhere for class: groovy.lang.Binding",
        ),
        ("null.trim()", "java.lang.NullPointerException: Cannot invoke method trim() on null object"),
        ("1 / 0", "java.lang.ArithmeticException: Division by zero"),
        ("'x'.toInteger()", 'java.lang.NumberFormatException: For input string: "x"'),
        ("throw new IllegalStateException('no')", "java.lang.IllegalStateException: no"),
        ("assert 1 == 2", "java.lang.AssertionError: Expression: line 8"),
        ("error('stop')", "ERROR: stop"),
        ("def f; f = { f() }; f()", "java.lang.StackOverflowError"),
    ],
)
def test_what_groovy_throws_ends_the_build(bench: Bench, script: str, error: str) -> None:
    record = bench.steps(f"script {{ {script} }}")

    assert record.result is BuildResult.FAILURE
    assert record.error == error


def test_an_endless_loop_can_be_aborted(bench: Bench) -> None:
    record = bench.steps("timeout(time: 200, unit: 'MILLISECONDS') { script { while (true) { } } }")

    assert record.result is BuildResult.ABORTED


@pytest.mark.parametrize(
    "script", ["new File('/etc/passwd')", "Jenkins.instance", "this.class.getMethods()", "''.execute()"]
)
def test_what_the_sandbox_would_refuse_does_not_run(bench: Bench, script: str) -> None:
    assert bench.steps(f"script {{ {script} }}").result is BuildResult.FAILURE
