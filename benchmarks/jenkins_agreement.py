"""How often our linter says what Jenkins says, and how long it takes.

The reference holds what Jenkins's own Declarative code answered to files written for this purpose: see
`tests/pipeline/reference/README.md`. Syntax errors are compared with Groovy 2.4.21 itself, on the same files after a slip of the hand.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from pathlib import Path

from benchmarks.report import Figure, at_most, informs, publish
from chaos_lib.pipeline.answer import answer
from chaos_lib.pipeline.parser import parse
from tests.pipeline.edits import edited

_REFERENCE = Path(__file__).resolve().parent.parent / "tests" / "pipeline" / "reference" / "validate"
_LEAST_WHOLE = 0.9
_LARGEST_MS = 50.0
_PROBLEM = re.compile(r"^WorkflowScript: \d+: .*? @ line \d+, column \d+\.$", re.MULTILINE | re.DOTALL)
_STAGE = """
        stage('Stage {number}') {{
            when {{ branch 'main' }}
            environment {{ NAME = "mission ${{BUILD_NUMBER}}" }}
            steps {{
                sh "make target_${{env.NAME}}"
                retry(3) {{ sh 'make flaky' }}
                withCredentials([string(credentialsId: 'token', variable: 'TOKEN')]) {{ sh 'login $TOKEN' }}
                script {{
                    def sizes = [1, 2, 3].collect {{ it * 2 }}
                    if (sizes.size() > 2) {{ echo "big: ${{sizes}}" }} else {{ echo 'small' }}
                }}
            }}
            post {{ always {{ junit '**/*.xml' }} }}
        }}"""


def outcome_of(response: str) -> str:
    """Return the verdict in an answer."""
    if response.startswith("Jenkinsfile successfully"):
        return "valid"
    return "invalid" if response.startswith("Errors encountered") else "no-pipeline"


def problems_in(response: str) -> list[str]:
    """Return the messages of an answer, with their places."""
    return _PROBLEM.findall(response)


def first_syntax_error(text: str) -> list[object] | None:
    """Return message, line and column of the first syntax error."""
    found = [problem for problem in parse(text).problems if problem.is_syntax]
    return [found[0].message, found[0].line, found[0].column] if found else None


def long_file() -> str:
    """Return a valid Jenkinsfile of 300 lines."""
    body = "".join(_STAGE.format(number=number) for number in range(21))
    return f"pipeline {{\n    agent any\n    stages {{{body}\n    }}\n}}\n"


def cpu_s(text: str) -> float:
    """Return the processor time of one validation, the median of several: others may share the machine."""
    taken = []
    for _ in range(15):
        start = time.process_time()
        parse(text)
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def measure() -> list[Figure]:
    """Compare every file, and time one of 300 lines."""
    entries = json.loads((_REFERENCE / "expected.json").read_text(encoding="utf-8"))
    verdicts = firsts = whole = letters = 0
    for entry in entries:
        expected = entry["response"]
        found = answer(parse((_REFERENCE / entry["file"]).read_text(encoding="utf-8")))
        verdicts += outcome_of(found) == outcome_of(expected)
        firsts += problems_in(found)[:1] == problems_in(expected)[:1]
        whole += sorted(problems_in(found)) == sorted(problems_in(expected))
        letters += found == expected
    count = len(entries)
    slips = json.loads((_REFERENCE.parent / "groovy" / "edits.json").read_text(encoding="utf-8"))
    syntax = sum(
        first_syntax_error(edited((_REFERENCE / name).read_text(encoding="utf-8"), edit, at)) == expected
        for name, edit, at, expected in slips
    )
    text = long_file()
    if not parse(text).is_valid:
        raise SystemExit("The long file must be valid.")
    lines = text.count("\n")
    return [
        informs("files in the reference", count, "files"),
        _at_least("same verdict", verdicts / count, 1.0),
        _at_least("same first message, at the same place", firsts / count, 1.0),
        _at_least("same messages, all at the same places", whole / count, _LEAST_WHOLE),
        informs("same answer to the letter", letters / count, "of the files"),
        informs(
            "slips of the hand: a bracket, quote or comma too many or too few, an end cut off",
            len(slips),
            "files",
        ),
        _at_least("same first syntax error as Groovy 2.4.21, at the same place", syntax / len(slips), 0.99),
        at_most(f"validate a file of {lines} lines (processor time)", cpu_s(text) * 1000, _LARGEST_MS, "ms"),
    ]


def _at_least(name: str, value: float, limit: float) -> Figure:
    return Figure(name, round(value, 3), "of the files", f"at least {limit:g}", value >= limit)


if __name__ == "__main__":
    publish("Agreement with Jenkins's own linter", measure())
