"""What is done in Groovy."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_lib.pipeline.groovy.expressions import Parameter
from chaos_lib.pipeline.groovy.nodes import Expression, Node, Statement


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Statement):
    """An expression that is evaluated for its effect: nearly every line of a Jenkinsfile."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Declaration(Statement):
    """`def x = 1`, `String x`, `def (a, b) = pair`.

    Attributes:
        names: More than one for `def (a, b) = ...` only; `def a = 1, b = 2` is two declarations in a `Block`
            that opens no scope.
    """

    names: tuple[str, ...]
    value: Expression | None
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class Block(Statement):
    """`{ ... }` as a statement of its own, or several declarations of one line.

    Attributes:
        opens_scope: False for `def a = 1, b = 2`.
    """

    body: tuple[Statement, ...]
    opens_scope: bool = True


@dataclass(frozen=True, slots=True)
class If(Statement):
    """`if (condition) ... else ...`."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class ForEach(Statement):
    """`for (x in items)`, `for (def x : items)`."""

    name: str
    items: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class For(Statement):
    """`for (int i = 0; i < n; i++)`."""

    start: tuple[Statement, ...]
    condition: Expression | None
    step: tuple[Expression, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class While(Statement):
    """`while (condition) ...`."""

    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Catch(Node):
    """`catch (Type | Other name) { ... }`; no types means every exception."""

    types: tuple[str, ...]
    name: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Try(Statement):
    """`try { } catch (e) { } finally { }`."""

    body: tuple[Statement, ...]
    catches: tuple[Catch, ...] = ()
    finish: tuple[Statement, ...] | None = None


@dataclass(frozen=True, slots=True)
class Return(Statement):
    """`return value`."""

    value: Expression | None


@dataclass(frozen=True, slots=True)
class Throw(Statement):
    """`throw value`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Break(Statement):
    """`break`, with a label at most."""

    label: str | None = None


@dataclass(frozen=True, slots=True)
class Continue(Statement):
    """`continue`, with a label at most."""

    label: str | None = None


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`case value:`; `default:` has no value."""

    value: Expression | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Switch(Statement):
    """`switch (value) { case ...: }`."""

    value: Expression
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Assert(Statement):
    """`assert condition : message`."""

    condition: Expression
    message: Expression | None = None


@dataclass(frozen=True, slots=True)
class MethodDefinition(Statement):
    """`def name(parameters) { ... }` at the top of the file."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Import(Statement):
    """`import a.b.C`."""

    name: str


@dataclass(frozen=True, slots=True)
class ClassDefinition(Statement):
    """`class`, `interface`, `enum`: known to be there, its body not looked into."""

    name: str


@dataclass(frozen=True, slots=True)
class Script(Node):
    """A whole file.

    Attributes:
        statements: In the order of the file; the `pipeline { }` call is one of them.
        source: The text the spans point into.
    """

    statements: tuple[Statement, ...]
    source: str = field(repr=False, default="")
