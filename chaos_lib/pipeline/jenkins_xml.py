"""The XML that a controller wants for a job and for a credential."""

from __future__ import annotations

import base64
from xml.sax.saxutils import escape

from chaos_lib.credentials import Credential
from chaos_lib.pipeline.groovy.expressions import ListLiteral, Literal
from chaos_lib.pipeline.model import Directive, Pipeline

MARK = "Made by Operation Chaos. It is replaced with every run."
"""The description of our jobs: one without it belongs to somebody else and is left alone."""


def job(jenkinsfile: str, pipeline: Pipeline | None) -> str:
    """Return the configuration of a pipeline job that holds its Jenkinsfile itself.

    Args:
        jenkinsfile: Its text.
        pipeline: Its model: a controller learns the parameters of a Declarative Pipeline only from its first build, so
            that they are told here; None for a file that is none.
    """
    parameters = "".join(_parameter(each) for each in pipeline.parameters) if pipeline else ""
    properties = (
        "<hudson.model.ParametersDefinitionProperty><parameterDefinitions>"
        f"{parameters}</parameterDefinitions></hudson.model.ParametersDefinitionProperty>"
        if parameters
        else ""
    )
    return (
        "<?xml version='1.1' encoding='UTF-8'?>\n"
        f"<flow-definition><description>{MARK}</description><properties>{properties}</properties>"
        '<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition">'
        f"<script>{escape(jenkinsfile)}</script><sandbox>true</sandbox></definition></flow-definition>"
    )


def credential(credential_id: str, value: Credential) -> str:
    """Return a credential with its value: for the request to the controller only."""
    secret = value.secret.get_secret_value()
    head = f"<scope>GLOBAL</scope><id>{escape(credential_id)}</id><description>Operation Chaos</description>"
    if value.kind == "string":
        kind = "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl"
        body = f"<secret>{escape(secret)}</secret>"
    elif value.kind == "usernamePassword":
        kind = "com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl"
        body = f"<username>{escape(value.username)}</username><password>{escape(secret)}</password>"
    else:
        kind = "org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl"
        encoded = base64.b64encode(secret.encode()).decode()
        body = f"<fileName>{escape(credential_id)}</fileName><secretBytes>{encoded}</secretBytes>"
    return f"<{kind}>{head}{body}</{kind}>"


_KINDS = {
    "string": "hudson.model.StringParameterDefinition",
    "text": "hudson.model.TextParameterDefinition",
    "password": "hudson.model.PasswordParameterDefinition",
    "booleanParam": "hudson.model.BooleanParameterDefinition",
    "choice": "hudson.model.ChoiceParameterDefinition",
}


def _parameter(parameter: Directive) -> str:
    kind = _KINDS.get(parameter.name)
    name = parameter.arguments.text("name", position=0)
    if kind is None or name is None:
        return ""
    if parameter.name == "choice":
        choices = parameter.arguments.get("choices", position=1)
        values = choices.items if isinstance(choices, ListLiteral) else ()
        body = "".join(f"<string>{escape(_plain(value))}</string>" for value in values)
        inner = f'<choices class="java.util.Arrays$ArrayList"><a class="string-array">{body}</a></choices>'
    else:
        default = _plain(parameter.arguments.get("defaultValue", position=1))
        inner = f"<defaultValue>{escape(default)}</defaultValue>"
    return f"<{kind}><name>{escape(name)}</name>{inner}</{kind}>"


def _plain(value: object) -> str:
    if not isinstance(value, Literal) or value.value is None:
        return ""
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
