"""Jenkins's rules, section by section: its words, its places, its order."""

from __future__ import annotations

import pytest

from .snippets import messages, problems, stage, steps, top

IDENTIFIER = (
    "{} is not a valid identifier and cannot be used for an environment variable. Identifiers must start with a "
    "letter or underscore and can contain only letters, numbers or underscores."
)
NOTHING = 'Expected one of "steps", "stages", or "parallel" for stage "S"'
POST = "[always, changed, fixed, regression, aborted, success, unsuccessful, unstable, failure, notBuilt, cleanup]"

TOP = [
    ("agent any\nagent none", [("Multiple occurrences of the agent section", 3, 1)]),
    (
        "agent",
        [
            ('Not a valid section definition: "agent". Some extra configuration is required.', 2, 1),
            ('Missing required section "agent"', 1, 1),
        ],
    ),
    (
        "agent any\nproperties { }",
        [
            (
                "The \u2018properties\u2019 section has been renamed as of version 0.8. Use \u2018options\u2019 instead.",
                3,
                1,
            )
        ],
    ),
    (
        "agent any\nenvironment 'x'",
        [("Expected a block for environment", 3, 1), ("No variables specified for environment", 3, 1)],
    ),
    (
        "agent any\nfoo.bar()",
        [
            ('Method calls on objects not allowed outside "script" blocks.', 3, 1),
            ('Undefined section "error"', 3, 1),
        ],
    ),
    (
        "agent: any",
        [
            ('Not a valid section definition: "any". Some extra configuration is required.', 2, 8),
            ('Missing required section "agent"', 1, 1),
        ],
    ),
    (
        "agent any\nenvironment: { A = 'b'\nC = 'd' }",
        [
            (
                "Not a valid section definition: \"A = 'b'\nC = 'd'\". Some extra configuration is required.",
                3,
                16,
            )
        ],
    ),
    (
        "agent label 'x'",
        [
            (
                "Not a valid section definition: \"agent label 'x'\". Some extra configuration is required.",
                2,
                1,
            ),
            ('Missing required section "agent"', 1, 1),
        ],
    ),
    # agent
    (
        "agent { }",
        [("Expected an agent", 2, 1), ("No agent type specified. Must be one of [any, label, none]", 2, 1)],
    ),
    (
        "agent foo",
        [
            ('Only "agent none", "agent any" or "agent {...}" are allowed.', 2, 1),
            ("No agent type specified. Must be one of [any, label, none]", 2, 1),
        ],
    ),
    (
        "agent { label 'a'\nlabel 'b' }",
        [
            ("Only one agent type is allowed per agent section", 2, 1),
            ("No agent type specified. Must be one of [any, label, none]", 2, 1),
        ],
    ),
    (
        "agent { banana 'x' }",
        [('Invalid agent type "banana" specified. Must be one of [any, label, none]', 2, 9)],
    ),
    (
        "agent { node { customWorkspace 'x' } }",
        [('Missing required parameter for agent type "node": label', 2, 9)],
    ),
    (
        "agent { node { label 'x'\nfruit 'y' } }",
        [
            (
                'Invalid config option "fruit" for agent type "node". Valid config options are [label, customWorkspace, '
                "retries]",
                3,
                1,
            )
        ],
    ),
    # environment
    ("agent any\nenvironment { }", [("No variables specified for environment", 3, 1)]),
    ("agent any\nenvironment { A = 'a'\nA = 'b' }", [('Duplicate environment variable name: "A"', 4, 1)]),
    (
        "agent any\nenvironment { A = 'a' - 'b' }",
        [
            ("Environment variable values can only be joined together with \u2018+\u2019s.", 3, 23),
            ("No variables specified for environment", 3, 1),
        ],
    ),
    (
        "agent any\nenvironment { A = 'a' + b }",
        [("Environment variable values to be concatenated together must be single or double quoted.", 3, 25)],
    ),
    (
        "agent any\nenvironment { B = 'x'\necho 'y' }",
        [
            (
                '"echo \'y\'" is not a valid environment expression. Use "key = value" pairs with valid Java/shell keys.',
                4,
                1,
            ),
            ("Expected name=value pairs", 3, 1),
        ],
    ),
    ("agent any\nenvironment { class_ = 'a'\n$B = 'b' }", [(IDENTIFIER.format('"$B"'), 4, 1)]),
    (
        "agent any\nenvironment { A = credentials(x) }",
        [("Internal function call parameters must be strings.", 3, 19)],
    ),
    # options, parameters, triggers
    ("agent any\noptions { }", [("options can not be empty", 3, 1)]),
    ("agent any\nparameters { }", [("parameters can not be empty", 3, 1)]),
    ("agent any\ntriggers { }", [("triggers can not be empty", 3, 1)]),
    (
        "agent any\noptions { timeout(time: 1, unit: 'HOURS') { } }",
        [("Options definitions cannot have blocks", 3, 11)],
    ),
    (
        "agent any\noptions { skipDefaultCheckout()\nskipDefaultCheckout() }",
        [('Duplicate option name: "skipDefaultCheckout"', 3, 1)],
    ),
    ("agent any\noptions { parameters([]) }", None),
    (
        "agent any\noptions { timeout(time: 'x', unit: 'HOURS') }",
        [('Expecting "int" for parameter "time" but got "x" of type class java.lang.String instead', 3, 25)],
    ),
    (
        "agent any\noptions { buildDiscarder(logRotator(numToKeep: '5')) }",
        [('Invalid parameter "numToKeep", did you mean "numToKeepStr"?', 3, 37)] * 2,
    ),
    (
        "agent any\nparameters { string(names: 'A', defaultValue: 'x') }",
        [('Invalid parameter "names", did you mean "name"?', 3, 21)],
    ),
    (
        "agent any\nparameters { string(name: 12) }",
        [
            (
                'Expecting "class java.lang.String" for parameter "name" but got "12" of type class java.lang.Integer '
                "instead",
                3,
                27,
            )
        ],
    ),
    (
        "agent any\nparameters { banana(name: 'A') }",
        [
            (
                'Invalid parameter type "banana". Valid parameter types: [booleanParam, choice, credentials, file, text, '
                "password, run, string]",
                3,
                14,
            )
        ],
    ),
    ("agent any\nparameters { string(name: 'A', 'b') }", None),
    (
        "agent any\ntriggers { cron() }",
        [('"cron" should have 1 arguments but has 0 arguments instead.', 3, 12)],
    ),
    ("agent any\ntriggers { [a: 1] }", [("Triggers cannot be defined as maps", 3, 12)]),
    (
        "agent any\ntriggers { banana('x') }",
        [
            (
                'Invalid trigger type "banana". Valid trigger types: [upstream, cron, githubPush, pollSCM]',
                3,
                12,
            )
        ],
    ),
    (
        "agent any\nparameters { string(name: 'A', defaultValue: { 'x' }) }",
        [("Method call arguments", 3, 44)],
    ),
    # tools, libraries
    ("agent any\ntools { }", [("No tools specified", 3, 1)]),
    (
        "agent any\ntools { banana 'x' }",
        [
            (
                'Invalid tool type "banana". Valid tool types: [ant, git, gradle, jdk, jgit, jgitapache, maven]',
                3,
                9,
            )
        ],
    ),
    ("agent any\ntools { 'hudson.model.JDK' 'x' }", []),
    (
        "agent any\ntools { maven }",
        [('Expected to find \u2018someTool "someVersion"\u2019', 3, 1), ("No tools specified", 3, 1)],
    ),
    (
        "agent any\nlibraries { 'x' }",
        [("Expected a \"lib(...)\" but got 'x'", 3, 1), ("libraries can not be empty", 3, 1)],
    ),
    # post
    ("agent any\npost { }", [("post can not be empty", 3, 1)]),
    ("agent any\npost 'x'", [("Expected a block", 3, 1), ("post can not be empty", 3, 1)]),
    (
        "agent any\npost { always { echo 'a' }\nalways { echo 'b' } }",
        [('Duplicate build condition name: "always"', 3, 1)],
    ),
    (
        "agent any\npost { always }",
        [
            (
                "The \u2018post\u2019 section can only contain build condition names with code blocks. Valid condition names "
                f"are {POST}",
                3,
                8,
            ),
            ("post can not be empty", 3, 1),
        ],
    ),
    (
        "agent any\npost { success { echo 'a' } failure { echo 'b' } }",
        [
            (
                "The \u2018post\u2019 section can only contain build condition names with code blocks. Valid condition names "
                f"are {POST}",
                3,
                8,
            ),
            ("post can not be empty", 3, 1),
        ],
    ),
    ("agent any\npost { always { } }", [("No steps specified for branch", 3, 15)]),
]


@pytest.mark.parametrize(("body", "expected"), TOP, ids=[case[0] for case in TOP])
def test_sections_of_the_pipeline(body, expected):
    found = problems(top(body))

    if expected is None:
        assert found
    else:
        assert found == expected


STAGE = [
    ("steps { echo 'a' }\nsteps { echo 'b' }", [("Multiple occurrences of the steps section", 3, 10)]),
    (
        "steps { echo 'a' }\nstages { stage('T') { steps { echo 'b' } } }",
        [('Only one of "matrix", "parallel", "stages", or "steps" allowed for stage "S"', 3, 10)],
    ),
    (
        "agent any\nparallel { stage('A') { steps { echo 'a' } } }",
        [('"agent" is not allowed in stage "S" as it contains parallel or matrix stages', 4, 1)],
    ),
    (
        "tools { maven 'x' }\nparallel { stage('A') { steps { echo 'a' } } }",
        [('"tools" is not allowed in stage "S" as it contains parallel or matrix stages', 4, 1)],
    ),
    ("parallel { }", [("No stages specified", 4, 1), ("No stages specified", 4, 1)]),
    (
        "parallel { stage('A') { parallel { stage('B') { steps { echo 'a' } } } } }",
        [('"matrix" or "parallel" cannot be nested inside another "matrix" or "parallel".', 4, 25)],
    ),
    (
        "parallel { stage('A') { steps { echo 'a' } }\nstage('A') { steps { echo 'a' } } }",
        [('Duplicate stage name: "A"', 4, 1), ('Duplicate stage name: "A"', 4, 1)],
    ),
    ("stages { foo }", [("Expected a stage", 4, 10), ("No stages specified", 4, 1)]),
    ("failFast 'x'\nsteps { echo 'a' }", [("Expected a boolean with failFast", 4, 1)]),
    (
        "agent\nsteps { echo 'a' }",
        [('Not a valid stage section definition: "agent". Some extra configuration is required.', 3, 10)],
    ),
    ("steps { parallel(failFast: 'x', a: { echo 'a' }) }", [("Expected a boolean with failFast", 4, 18)]),
    ("steps { parallel(a: 'x') }", [("Expected closure or failFast", 4, 18), (NOTHING, 3, 10)]),
    # options and input
    ("options { skipStagesAfterUnstable() }\nsteps { echo 'a' }", None),
    ("input { }\nsteps { echo 'a' }", [("No message specified for input", 4, 1)]),
    (
        "input { message 'a'\nbanana 'b' }\nsteps { echo 'a' }",
        [('Not a valid field for input: "banana"', 5, 1)],
    ),
    (
        "input { message 'a'\nmessage 'b' }\nsteps { echo 'a' }",
        [("Multiple occurrences of the message section", 4, 1)],
    ),
    (
        "input { message }\nsteps { echo 'a' }",
        [
            ('Not a valid section definition: "message". Some extra configuration is required.', 4, 1),
            ("No message specified for input", 4, 1),
        ],
    ),
    # when
    (
        "when { branch 'a', 'b' }\nsteps { echo 'a' }",
        [('Arguments to "branch" must be explicitly named.', 4, 8)],
    ),
    (
        "when { branch 4 }\nsteps { echo 'a' }",
        [('Expecting "class java.lang.String" but got "4" of type class java.lang.Integer instead', 4, 15)],
    ),
    ("when { environment name: 'A' }\nsteps { echo 'a' }", [('Missing required parameter: "value"', 4, 8)]),
    (
        "when { environment names: 'A', value: 'b' }\nsteps { echo 'a' }",
        [('Invalid parameter "names", did you mean "name"?', 4, 20)],
    ),
    (
        "when { environment 'A' }\nsteps { echo 'a' }",
        [("Step does not take a single required parameter - use named parameters instead", 4, 8)],
    ),
    (
        "when { allOf { } }\nsteps { echo 'a' }",
        [('Nested when condition "allOf" requires at least one child condition.', 4, 8)],
    ),
    (
        "when { not { } }\nsteps { echo 'a' }",
        [('Nested when condition "not" requires exactly 1 child condition(s).', 4, 8)],
    ),
    (
        "when { allOf('x') { branch 'a' } }\nsteps { echo 'a' }",
        [('No additional arguments are allowed for children when condition "allOf".', 4, 8)],
    ),
    (
        "when { branch { tag 'x' } }\nsteps { echo 'a' }",
        [('No children when conditions are allowed for when condition "branch".', 4, 8)],
    ),
    (
        "when { beforeAgent 'x'; branch 'a' }\nsteps { echo 'a' }",
        [("Expected a boolean with beforeAgent", 4, 8)],
    ),
    (
        "when { true }\nsteps { echo 'a' }",
        [
            ("Expected a when condition", 4, 1),
            ("Empty when closure, remove the property or add some content.", 4, 1),
        ],
    ),
    ("when { expression 'x' }\nsteps { echo 'a' }", [("When step without a block", 4, 8)]),
    (
        "when { changelog '(' }\nsteps { echo 'a' }",
        [('"(" is not a valid regular expression. Unclosed group near index 1\n(', 4, 8)],
    ),
    (
        "when { changelog() }\nsteps { echo 'a' }",
        [
            ('Missing required parameter: "pattern"', 4, 8),
            ('Changelog is missing required parameter "pattern".', 4, 8),
        ],
    ),
    # matrix
    ("matrix { }", [('Missing required section "axes"', 4, 1), ('Missing required section "stages"', 4, 1)]),
    (
        "matrix { axes { }\nstages { stage('A') { steps { echo 'a' } } } }",
        [("No axis directives specified", 4, 10)],
    ),
    (
        "matrix { axes { axis { values 'a' } }\nstages { stage('A') { steps { echo 'a' } } } }",
        [('Missing required section "name"', 4, 17)],
    ),
    (
        "matrix { axes { axis { name 'A' } }\nstages { stage('A') { steps { echo 'a' } } } }",
        [('Missing required section "values"', 4, 17)],
    ),
    (
        "matrix { axes { axis { name 'A'; values 'a', 'a' } }\nstages { stage('A') { steps { echo 'a' } } } }",
        [('Duplicate axis value: "a"', 4, 41)],
    ),
    (
        "matrix { axes { axis { name 'A'; values 'a' } }\nexcludes { }\nstages { stage('A') { steps { echo 'a' } } } }",
        [("No exclude directives specified", 5, 1)],
    ),
    (
        "matrix { axes { axis { name 'A-B'; values 'a' } }\nstages { stage('A') { steps { echo 'a' } } } }",
        [(IDENTIFIER.format('"A-B"'), 4, 29)],
    ),
    (
        "matrix { banana { }\naxes { axis { name 'A'; values 'a' } }\nstages { stage('A') { steps { echo 'a' } } } }",
        [('Undefined section "banana"', 4, 10)],
    ),
]


@pytest.mark.parametrize(("body", "expected"), STAGE, ids=[case[0] for case in STAGE])
def test_sections_of_a_stage(body, expected):
    found = problems(stage(body))

    if expected is None:
        assert found
    else:
        assert found == expected


STEPS = [
    ("echo", [("Expected a step", 4, 1)]),
    ("x = 1", [("Expected a step", 4, 1)]),
    ("sh: 'make'", [("Expected a step", 4, 5)]),
    ("sh 'a' sh 'b'", [("Expected a symbol", 4, 1)]),
    ("script 'x'", [("Script step without a block", 4, 1)]),
    ("docker.build('x')", [('Method calls on objects not allowed outside "script" blocks.', 4, 1)]),
    ("a.b.c()", [("Expected a symbol", 4, 1), ('Missing required parameter: "message"', 4, 1)]),
    (
        "stage('x') { echo 'a' }",
        [
            (
                'Invalid step "stage" used - not allowed in this context - The stage step cannot be used in Declarative '
                "Pipelines",
                4,
                1,
            )
        ],
    ),
    (
        "echo 'a'\nparallel(a: { echo 'b' })",
        [
            (
                'Invalid step "parallel" used - not allowed in this context - The parallel step can only be used as the only '
                "top-level step in a stage's step block",
                5,
                1,
            )
        ],
    ),
    (
        "echo 1",
        [('Expecting "class java.lang.String" but got "1" of type class java.lang.Integer instead', 4, 6)],
    ),
    ("sh()", [('Missing required parameter: "script"', 4, 1)]),
    ("sh 'a', 'b'", [('Arguments to "sh" must be explicitly named.', 4, 1)]),
    (
        "sh script: 'a', returnStat: true",
        [('Invalid parameter "returnStat", did you mean "returnStatus"?', 4, 17)],
    ),
    (
        "timeout(time: 5, unit: 'CENTURIES') { echo 'a' }",
        [
            (
                'Expecting "class java.util.concurrent.TimeUnit" for parameter "unit" but got "CENTURIES" of type class '
                "java.lang.String instead",
                4,
                24,
            )
        ],
    ),
    ("timeout { echo 'a' }", [('Missing required parameter: "time"', 4, 1)]),
    (
        "retry('x') { echo 'a' }",
        [('Expecting "int" but got "x" of type class java.lang.String instead', 4, 7)],
    ),
    ("retry(3) { x = 1 }", [("Expected a step", 4, 12)]),
    (
        "echo ${FOO}",
        [('${FOO} cannot be used as a value directly. Did you mean "${FOO}"? (add quotes)', 4, 6)],
    ),
    (
        "sleep 99999999999999999999",
        [
            (
                "BigIntegers cannot be used as constants in Declarative. The maximum value for an integer is "
                "9,223,372,036,854,775,807 and the minimum value for an integer is -9,223,372,036,854,775,808.",
                4,
                7,
            )
        ],
    ),
    ("unknownStep foo: 1", []),
    ("retry(3) { timeout(5) { dir('x') { sh 'make' } } }", []),
    ("script { if (a) { b() } }", []),
    ('sh(script: "x ${y}", returnStdout: true)', []),
]


@pytest.mark.parametrize(("body", "expected"), STEPS, ids=[case[0] for case in STEPS])
def test_steps(body, expected):
    assert problems(steps(body)) == expected


def test_not_says_everything_twice():
    found = messages(stage("when { not { brunch 'a' } }\nsteps { echo 'a' }"))

    assert [message.split(".")[0] for message in found] == ["Unknown conditional brunch"] * 2


def test_a_pipeline_within_a_block_is_no_pipeline():
    assert problems("node {\n  pipeline { }\n}\n") == [
        ("pipeline block must be at the top-level, not within another block.", 2, 3)
    ]


def test_a_pipeline_in_the_method_call_of_a_library_is_one():
    assert messages("def call(a) {\n  pipeline { agent any }\n}\n") == ['Missing required section "stages"']


def test_what_stands_beside_the_pipeline_is_no_problem():
    text = "import a.B\ndef x = 1\n" + top("agent any") + "def f() { x }\n"

    assert messages(text) == []


def test_at_the_tenth_problem_groovy_gives_up():
    text = steps("\n".join(f"x{number} = 1" for number in range(14)))

    assert messages(text) == ["Expected a step"] * 10


def test_the_first_look_comes_before_the_second():
    text = "pipeline {\nagent { }\nstages { stage('S') { steps { x = 1 } } }\nbanana { }\n}\n"

    assert [(message.split(".")[0], line) for message, line, _ in problems(text)] == [
        ("Expected an agent", 2),
        ("Expected a step", 3),
        ('Undefined section "banana"', 4),
        ("No agent type specified", 2),
    ]
