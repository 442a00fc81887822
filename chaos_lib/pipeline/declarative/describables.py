"""The steps, conditions, options, triggers and parameters that a Jenkins controller knows, and what they take.

The lists are those of a controller with the plugins that its setup suggests (Pipeline, Git, JUnit, Credentials Binding,
Timestamper, Workspace Cleanup) and no others. Names that further well-known plugins bring are accepted without a
look at their arguments, because a linter cannot know which plugins a controller has.

Source: the step reference at jenkins.io/doc/pipeline/steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class JavaType:
    """The type of a parameter.

    Attributes:
        name: As Java prints it.
        takes: Whether it takes a literal.
    """

    name: str
    takes: Callable[[object], bool]


def _anything(_: object) -> bool:
    return True


def _enumeration(name: str, *values: str) -> JavaType:
    return JavaType(name, lambda value: value is None or value in values)


TEXT = JavaType(
    "class java.lang.String", lambda value: not (isinstance(value, int) and -(2**31) <= value < 2**31)
)
INT = JavaType("int", lambda value: not isinstance(value, str | bool))
FLAG = JavaType("boolean", _anything)
ANY = JavaType("class java.lang.Object", _anything)
LIST = JavaType("interface java.util.List", lambda value: value is None)
CLASS = JavaType("class hudson.scm.SCM", lambda value: value is None)
UNIT = _enumeration(
    "class java.util.concurrent.TimeUnit",
    "NANOSECONDS",
    "MICROSECONDS",
    "MILLISECONDS",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
)


@dataclass(frozen=True)
class Describable:
    """Something that takes arguments.

    Attributes:
        parameters: Type of each by name, the required ones first.
        required: Those that must be given.
        takes_block: Whether braces stand behind it.
    """

    parameters: Mapping[str, JavaType]
    required: tuple[str, ...] = ()
    takes_block: bool = False

    @property
    def sole_required(self) -> str | None:
        """The only required parameter, if there is exactly one: it may be given without its name."""
        return self.required[0] if len(self.required) == 1 else None


def _takes(
    required: Mapping[str, JavaType] | None = None,
    optional: Mapping[str, JavaType] | None = None,
    *,
    block: bool = False,
    **further: JavaType,
) -> Describable:
    needed = dict(required or {})
    return Describable({**needed, **(optional or {}), **further}, tuple(needed), block)


_SHELL = {"encoding": TEXT, "label": TEXT, "returnStatus": FLAG, "returnStdout": FLAG}

STEPS: Mapping[str, Describable] = {
    "archiveArtifacts": _takes(
        {"artifacts": TEXT},
        allowEmptyArchive=FLAG,
        caseSensitive=FLAG,
        defaultExcludes=FLAG,
        excludes=TEXT,
        fingerprint=FLAG,
        followSymlinks=FLAG,
        onlyIfSuccessful=FLAG,
    ),
    "bat": _takes({"script": TEXT}, _SHELL),
    "build": _takes(
        {"job": TEXT}, parameters=LIST, propagate=FLAG, quietPeriod=ANY, wait=FLAG, waitForStart=FLAG
    ),
    "catchError": _takes(
        block=True, buildResult=TEXT, catchInterruptions=FLAG, message=TEXT, stageResult=TEXT
    ),
    "checkout": _takes({"scm": CLASS}, changelog=FLAG, poll=FLAG),
    "deleteDir": _takes(),
    "dir": _takes({"path": TEXT}, block=True),
    "echo": _takes({"message": TEXT}),
    "error": _takes({"message": TEXT}),
    "fileExists": _takes({"file": TEXT}),
    "git": _takes({"url": TEXT}, branch=TEXT, changelog=FLAG, credentialsId=TEXT, poll=FLAG),
    "input": _takes(
        {"message": TEXT},
        cancel=TEXT,
        id=TEXT,
        ok=TEXT,
        parameters=LIST,
        submitter=TEXT,
        submitterParameter=TEXT,
    ),
    "isUnix": _takes(),
    "junit": _takes(
        {"testResults": TEXT},
        allowEmptyResults=FLAG,
        checksName=TEXT,
        healthScaleFactor=ANY,
        keepLongStdio=FLAG,
        keepProperties=FLAG,
        keepTestNames=FLAG,
        skipMarkingBuildUnstable=FLAG,
        skipOldReports=FLAG,
        skipPublishingChecks=FLAG,
        stdioRetention=TEXT,
        testDataPublishers=LIST,
    ),
    "mail": _takes(
        {"subject": TEXT, "body": TEXT},
        {"from": TEXT},
        bcc=TEXT,
        cc=TEXT,
        charset=TEXT,
        mimeType=TEXT,
        replyTo=TEXT,
        to=TEXT,
    ),
    "milestone": _takes({"ordinal": ANY}, label=TEXT, unsafe=FLAG),
    "node": _takes(block=True, label=TEXT),
    "powershell": _takes({"script": TEXT}, _SHELL),
    "pwd": _takes(tmp=FLAG),
    "pwsh": _takes({"script": TEXT}, _SHELL),
    "readFile": _takes({"file": TEXT}, encoding=TEXT),
    "retry": _takes({"count": INT}, block=True, conditions=LIST),
    "sh": _takes({"script": TEXT}, _SHELL),
    "sleep": _takes({"time": INT}, unit=UNIT),
    "stash": _takes({"name": TEXT}, allowEmpty=FLAG, excludes=TEXT, includes=TEXT, useDefaultExcludes=FLAG),
    "timeout": _takes({"time": INT}, block=True, activity=FLAG, unit=UNIT),
    "timestamps": _takes(block=True),
    "tool": _takes({"name": TEXT}, type=TEXT),
    "unstable": _takes({"message": TEXT}),
    "unstash": _takes({"name": TEXT}),
    "waitUntil": _takes(block=True, initialRecurrencePeriod=ANY, quiet=FLAG),
    "warnError": _takes({"message": TEXT}, block=True, catchInterruptions=FLAG),
    "withCredentials": _takes({"bindings": LIST}, block=True),
    "withEnv": _takes({"overrides": LIST}, block=True),
    "writeFile": _takes({"file": TEXT, "text": TEXT}, encoding=TEXT),
    "ws": _takes({"dir": TEXT}, block=True),
}
"""Steps whose arguments are looked at. Any other name may be a step of a plugin or of a library."""

OPTIONS: Mapping[str, Describable | None] = {
    "authorizationMatrix": None,
    "buildDiscarder": _takes({"strategy": ANY}),
    "catchError": STEPS["catchError"],
    "checkoutToSubdirectory": _takes({"subdirectory": TEXT}),
    "disableConcurrentBuilds": _takes(abortPrevious=FLAG),
    "disableRestartFromStage": _takes(),
    "disableResume": _takes(),
    "durabilityHint": _takes({"hint": ANY}),
    "githubProjectProperty": None,
    "overrideIndexTriggers": _takes({"enableTriggers": FLAG}),
    "parallelsAlwaysFailFast": _takes(),
    "preserveStashes": _takes(buildCount=INT),
    "quietPeriod": _takes({"quietPeriod": INT}),
    "rateLimitBuilds": None,
    "retry": STEPS["retry"],
    "script": None,
    "skipDefaultCheckout": _takes({"skipDefaultCheckout": JavaType("class java.lang.Boolean", _anything)}),
    "skipStagesAfterUnstable": _takes(),
    "timeout": STEPS["timeout"],
    "timestamps": STEPS["timestamps"],
    "waitUntil": STEPS["waitUntil"],
    "warnError": STEPS["warnError"],
    "withChecks": None,
    "withContext": None,
    "withCredentials": STEPS["withCredentials"],
    "withEnv": STEPS["withEnv"],
    "wrap": None,
    "ws": STEPS["ws"],
}
STAGE_OPTIONS = (
    "catchError",
    "checkoutToSubdirectory",
    "retry",
    "script",
    "skipDefaultCheckout",
    "timeout",
    "timestamps",
    "waitUntil",
    "warnError",
    "withChecks",
    "withContext",
    "withCredentials",
    "withEnv",
    "wrap",
    "ws",
)
PLUGIN_OPTIONS = frozenset(
    {
        "ansiColor",
        "cache",
        "container",
        "copyArtifactPermission",
        "gitLabConnection",
        "gitlabBuilds",
        "lock",
        "newContainerPerStage",
        "podTemplate",
        "sidebarLinks",
        "sshagent",
        "throttle",
        "throttleJobProperty",
        "withSonarQubeEnv",
    }
)

TRIGGERS: Mapping[str, Describable | None] = {
    "upstream": _takes({"upstreamProjects": TEXT}, threshold=ANY),
    "cron": _takes({"spec": TEXT}),
    "githubPush": _takes(),
    "pollSCM": _takes({"scmpoll_spec": TEXT}, ignorePostCommitHooks=FLAG),
}
PLUGIN_TRIGGERS = frozenset(
    {
        "GenericTrigger",
        "bitbucketPush",
        "dockerHub",
        "gerrit",
        "gitlab",
        "issueCommentTrigger",
        "parameterizedCron",
    }
)

_NAMED = {"name": TEXT}
PARAMETERS: Mapping[str, Describable | None] = {
    "booleanParam": _takes(_NAMED, defaultValue=FLAG, description=TEXT),
    "choice": _takes(_NAMED, choices=ANY, description=TEXT),
    "credentials": None,
    "file": _takes(_NAMED, description=TEXT),
    "text": _takes(_NAMED, defaultValue=TEXT, description=TEXT, trim=FLAG),
    "password": _takes(_NAMED, defaultValue=TEXT, defaultValueAsSecret=ANY, description=TEXT),
    "run": None,
    "string": _takes(_NAMED, defaultValue=TEXT, description=TEXT, trim=FLAG),
}
PLUGIN_PARAMETERS = frozenset(
    {
        "activeChoice",
        "extendedChoice",
        "gitParameter",
        "imageTag",
        "listGitBranches",
        "base64File",
        "stashedFile",
        "validatingString",
    }
)

FUNCTIONS: Mapping[str, Describable] = {
    "logRotator": _takes(
        daysToKeepStr=TEXT,
        numToKeepStr=TEXT,
        artifactDaysToKeepStr=TEXT,
        artifactNumToKeepStr=TEXT,
        removeLastBuild=FLAG,
    )
}

TOOLS = ("ant", "git", "gradle", "jdk", "jgit", "jgitapache", "maven")
PLUGIN_TOOLS = frozenset(
    {"allure", "cmake", "dockerTool", "go", "msbuild", "nodejs", "python", "sbt", "terraform"}
)

AGENTS: Mapping[str, Describable] = {
    "label": _takes({"label": TEXT}, customWorkspace=TEXT, retries=INT),
    "node": _takes({"label": TEXT}, customWorkspace=TEXT, retries=INT),
}
AGENT_TYPES = ("any", "label", "none")
PLUGIN_AGENTS = frozenset({"docker", "dockerfile", "dockerContainer", "ecs", "kubernetes"})

CONDITIONS: Mapping[str, Describable] = {
    "allOf": _takes(),
    "anyOf": _takes(),
    "branch": _takes({"pattern": TEXT}, comparator=TEXT),
    "buildingTag": _takes(),
    "changeRequest": _takes(
        author=TEXT,
        authorDisplayName=TEXT,
        authorEmail=TEXT,
        branch=TEXT,
        comparator=TEXT,
        fork=TEXT,
        id=TEXT,
        target=TEXT,
        title=TEXT,
        url=TEXT,
    ),
    "changelog": _takes({"pattern": TEXT}),
    "changeset": _takes({"pattern": TEXT}, caseSensitive=FLAG, comparator=TEXT),
    "environment": _takes({"name": TEXT, "value": TEXT}, ignoreCase=FLAG),
    "equals": _takes({"expected": ANY, "actual": ANY}),
    "expression": _takes(),
    "isRestartedRun": _takes(),
    "not": _takes(),
    "tag": _takes({"pattern": TEXT}, comparator=TEXT),
    "triggeredBy": _takes({"cause": TEXT}, detail=TEXT),
}
"""The conditions of `when`."""
CHILDREN: Mapping[str, int] = {"allOf": -1, "anyOf": -1, "not": 1}
"""How many conditions may stand within one: -1 is any number but none."""
