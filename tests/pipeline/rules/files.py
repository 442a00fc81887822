"""A pipeline that keeps every rule, to be broken one line at a time."""

from __future__ import annotations

from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.parser import parse

GOOD = """\
pipeline {
    agent any
    options { timeout(time: 20, unit: 'MINUTES') }
    stages {
        stage('Build') {
            steps { sh 'docker build -t mission:1.4.2 .' }
        }
        stage('Test') {
            steps { sh 'pytest --junitxml=reports/unit.xml' }
            post { always { junit 'reports/*.xml' } }
        }
        stage('Deploy') {
            when { branch 'main' }
            environment { KUBE = credentials('kube-token') }
            steps {
                sh 'kubectl apply -k k8s/green'
                sh 'curl -fsS http://green/health'
                sh 'kubectl patch service mission -p "$(cat green.json)"'
            }
        }
    }
    post { always { echo 'done' } }
}
"""


def broken(old: str, new: str) -> ParsedPipeline:
    """Return the good pipeline with one piece replaced; it must be there."""
    assert old in GOOD
    return valid(GOOD.replace(old, new))


def valid(text: str) -> ParsedPipeline:
    """Return a pipeline that Jenkins itself would accept."""
    parsed = parse(text)
    assert parsed.is_valid, parsed.problems
    return parsed


def reasons(findings) -> list[tuple[str, int]]:
    """Return reason and line of each finding."""
    return [(finding.reason, finding.line) for finding in findings]
