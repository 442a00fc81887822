"""The tree that the runner walks."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.groovy.expressions import (
    Assign,
    Binary,
    Call,
    Cast,
    Closure,
    Elvis,
    GString,
    Index,
    ListLiteral,
    Literal,
    MapLiteral,
    New,
    Postfix,
    Property,
    Spread,
    Ternary,
    Unary,
    Variable,
)
from chaos_lib.pipeline.groovy.statement_grammar import parse_groovy
from chaos_lib.pipeline.groovy.statements import (
    Assert,
    Block,
    ClassDefinition,
    Declaration,
    ExpressionStatement,
    For,
    ForEach,
    If,
    Import,
    MethodDefinition,
    Return,
    Switch,
    Throw,
    Try,
    While,
)
from chaos_lib.pipeline.groovy.walk import walk


def statement(source):
    (only,) = parse_groovy(source).statements
    return only


def expression(source):
    found = statement(source)
    assert isinstance(found, ExpressionStatement)
    return found.expression


def shown(node):
    """Return a tree as nested tuples, places left out."""
    if isinstance(node, tuple):
        return tuple(shown(item) for item in node)
    if not hasattr(node, "__dataclass_fields__"):
        return node
    names = [name for name in node.__dataclass_fields__ if "span" not in name]
    values = [shown(getattr(node, name)) for name in names]
    while values and (values[-1] is False or values[-1] in (None, ())):
        values.pop()
    return (type(node).__name__, *values)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'it\\'s'", "it's"),
        ('"a\\tb"', "a\tb"),
        ("'''two\nlines'''", "two\nlines"),
        ("'joined \\\nline'", "joined line"),
        ("/a\\/b\\d/", "a/b\\d"),
        ("$/a/b$$c/$", "a/b$c"),
        ("'\\u0041'", "A"),
        ("42", 42),
        ("1_000", 1000),
        ("0x1F", 31),
        ("017", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("3L", 3),
        ("-7", -7),
        ("true", True),
        ("null", None),
    ],
)
def test_a_literal_has_its_value(source, value):
    found = expression(f"x = {source}")

    assert isinstance(found, Assign)
    assert isinstance(found.value, Literal)
    assert found.value.value == value
    assert type(found.value.value) is type(value)


def test_a_string_with_expressions_is_text_and_expressions_in_turn():
    found = expression('echo "a ${b.c()} $d.e.f!"').positional[0]

    assert isinstance(found, GString)
    assert [part if isinstance(part, str) else type(part).__name__ for part in found.parts] == [
        "a ",
        "Call",
        " ",
        "Property",
        "!",
    ]


def test_a_string_within_a_string_is_read():
    found = expression('echo "a ${b("x ${c}")} d"').positional[0]

    inner = found.parts[1].positional[0]
    assert isinstance(inner, GString)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("sh 'make'", ("Call", None, "sh", (("Literal", "make"),))),
        ("sh('make')", ("Call", None, "sh", (("Literal", "make"),), (), False, False, True)),
        (
            "timeout(time: 1) { x }",
            (
                "Call",
                None,
                "timeout",
                (("Closure", None, (("ExpressionStatement", ("Variable", "x")),)),),
                (("NamedArgument", "time", ("Literal", 1)),),
                False,
                False,
                True,
            ),
        ),
        ("a.b 'c'", ("Call", ("Variable", "a"), "b", (("Literal", "c"),))),
        ("a b c", ("Property", ("Call", None, "a", (("Variable", "b"),)), "c")),
        ("x?.y", ("Property", ("Variable", "x"), "y", True)),
        ("x*.y", ("Property", ("Variable", "x"), "y", False, True)),
        ("a[0]", ("Index", ("Variable", "a"), (("Literal", 0),))),
    ],
)
def test_calls_and_paths(source, tree):
    assert shown(expression(source)) == tree


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("a ? b : c", Ternary),
        ("a ?: b", Elvis),
        ("!a", Unary),
        ("i++", Postfix),
        ("a as String", Cast),
        ("(String) a", Cast),
        ("new Date()", New),
        ("[1, *rest]", ListLiteral),
        ("[a: 1]", MapLiteral),
        ("[:]", MapLiteral),
        ("a..b", Binary),
        ("x instanceof Map", Binary),
        ("x in [1]", Binary),
        ("a =~ /b/", Binary),
        ("(a)", Variable),
        ("(a)(1)", Call),
        ("a += 1", Assign),
        ("a[1]", Index),
        ("a.'b c'", Property),
        ("a\n  .b()\n  .c()", Call),
    ],
)
def test_every_expression_has_its_node(source, kind):
    assert isinstance(expression(source), kind)


def test_operators_bind_as_they_should():
    found = expression("x = a || b && c == d + e * f")

    assert shown(found.value) == (
        "Binary",
        "||",
        ("Variable", "a"),
        (
            "Binary",
            "&&",
            ("Variable", "b"),
            (
                "Binary",
                "==",
                ("Variable", "c"),
                ("Binary", "+", ("Variable", "d"), ("Binary", "*", ("Variable", "e"), ("Variable", "f"))),
            ),
        ),
    )


def test_subtraction_is_no_cast():
    assert shown(expression("x = (a) - b").value) == ("Binary", "-", ("Variable", "a"), ("Variable", "b"))


def test_a_closure_has_parameters_or_none():
    assert expression("a { x, y = 1 -> x }").block.parameters is not None
    assert [p.name for p in expression("a { String x, y = 1 -> x }").block.parameters] == ["x", "y"]
    assert expression("a { -> x }").block.parameters == ()
    assert expression("a { it }").block.parameters is None


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def x = 1", Declaration),
        ("String x", Declaration),
        ("def (a, b) = [1, 2]", Declaration),
        ("def a = 1, b = 2", Block),
        ("if (a) b() else c()", If),
        ("for (x in y) { }", ForEach),
        ("for (def x : y) { }", ForEach),
        ("for (int i = 0; i < 3; i++) { }", For),
        ("while (a) { b() }", While),
        ("try { a() } catch (IOException | Error e) { } finally { }", Try),
        ("switch (a) { case 1: b(); break\n default: c() }", Switch),
        ("throw new Exception('x')", Throw),
        ("return", Return),
        ("assert a : 'b'", Assert),
        ("import a.b.C", Import),
        ("def f(a, String b = 'c') { return a }", MethodDefinition),
        ("@NonCPS\ndef f() { }", MethodDefinition),
        ("String f(List<String> a) { a }", MethodDefinition),
        ("import static a.b.*", Import),
        ("label: { a() }", Block),
    ],
)
def test_every_statement_has_its_node(source, kind):
    assert isinstance(statement(source), kind)


def test_a_for_each_keeps_name_items_and_body():
    found = statement("for (x in [1, 2]) { echo x }")

    assert (found.name, type(found.items), len(found.body)) == ("x", ListLiteral, 1)


def test_a_try_keeps_its_catches():
    found = statement("try { a() } catch (IOException | Error e) { b() } catch (x) { } finally { c() }")

    assert [(one.types, one.name) for one in found.catches] == [(("IOException", "Error"), "e"), ((), "x")]
    assert found.finish is not None


def test_the_library_line_above_a_pipeline_is_no_error():
    assert len(parse_groovy("@Library('x') _\npipeline { }\n").statements) == 2
    assert len(parse_groovy("@Library('x')\nimport a.B\npipeline { }\n").statements) == 2


def test_a_span_is_the_text_of_its_node():
    source = 'a {\n  sh "x ${y}"  // note\n}\n'
    script = parse_groovy(source)
    found = {type(node).__name__: source[node.span.start : node.span.end] for node in walk(script)}

    assert found["GString"] == '"x ${y}"'
    assert found["Closure"] == source[2:-1]


@pytest.mark.parametrize(
    "source",
    [
        "class A { def x = 1 }",
        "@RunWith(Suite.class)\n@Suite.SuiteClasses([A.class])\nfinal class B extends C { }",
        "enum E { A, B }",
        "@interface F { }",
        "abstract class G { @Override void f() { if (a) { } } }",
    ],
)
def test_a_class_is_known_to_be_there(source):
    assert isinstance(statement(source), ClassDefinition)


def test_a_spread_argument_is_kept():
    assert isinstance(expression("f(*args)").positional[0], Spread)


def test_dollar_slash_and_comments_and_a_script_header_are_read():
    assert len(parse_groovy("#!groovy\n// a\n/* b */\nx()\n").statements) == 1


def test_a_closure_in_a_string_is_a_closure():
    assert isinstance(expression('echo "${-> a}"').positional[0].parts[0], Closure)
