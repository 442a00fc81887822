"""What has a value in Groovy."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.pipeline.groovy.nodes import Expression, Node, Span, Statement


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """`'text'`, `42`, `1.5`, `true`, `null`.

    Attributes:
        value: As a Python value, escapes resolved. A GString without `${}` is a literal as well.
    """

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class GString(Expression):
    """`"text ${expression} $name.path"`: text and expressions in turn, at least one of them an expression.

    Attributes:
        parts: Text is a `str` with its escapes resolved. `${-> x}` and `${ a; b }` are a `Closure`.
    """

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Variable(Expression):
    """A bare name: a variable, a property of the script (`env`, `params`, `currentBuild`), `this`, `super`."""

    name: str


@dataclass(frozen=True, slots=True)
class ClassName(Expression):
    """A type written out where a value may stand: `int`, `String[]`, the right side of `instanceof` and `as`."""

    name: str


@dataclass(frozen=True, slots=True)
class Property(Expression):
    """`target.name`.

    Attributes:
        name: A text, or an expression for `target."$name"`.
        is_safe: `?.`
        is_spread: `*.`
        is_pointer: `.&`, a method taken as a closure.
        is_field: `.@`
    """

    target: Expression
    name: str | Expression
    is_safe: bool = False
    is_spread: bool = False
    is_pointer: bool = False
    is_field: bool = False


@dataclass(frozen=True, slots=True)
class Index(Expression):
    """`target[key]`, `target[1, 2]`."""

    target: Expression
    keys: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class NamedArgument(Node):
    """`name: value` in a call or a map.

    Attributes:
        name: A text; an expression for `(key): value` and for keys that are GStrings; `*` for a spread map.
    """

    name: str | Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """`target.method(arguments) { closure }`, with or without parentheses.

    Attributes:
        target: None for a call of the script's own: a step, a method of the file.
        method: A text; an expression for `target."$name"()` and for `(expression)(arguments)`, whose
            `target` is None.
        positional: The arguments in order; a closure behind the parentheses is the last of them.
        named: `name: value` in order.
        has_parentheses: False for a command such as `echo 'x'`.
        method_span: Where the method's name stands.
        arguments_span: From the first to the last argument, parentheses left out; None without arguments.
    """

    target: Expression | None
    method: str | Expression
    positional: tuple[Expression, ...] = ()
    named: tuple[NamedArgument, ...] = ()
    is_safe: bool = False
    is_spread: bool = False
    has_parentheses: bool = True
    method_span: Span | None = None
    arguments_span: Span | None = None

    @property
    def block(self) -> Closure | None:
        """The closure that is the last argument, if there is one."""
        last = self.positional[-1] if self.positional else None
        return last if isinstance(last, Closure) else None


@dataclass(frozen=True, slots=True)
class New(Expression):
    """`new Type(arguments)`, `new int[3]`; the body of an anonymous class is not kept."""

    type_name: str
    positional: tuple[Expression, ...] = ()
    named: tuple[NamedArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class ListLiteral(Expression):
    """`[1, 2]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MapLiteral(Expression):
    """`[a: 1]`, `[:]`."""

    entries: tuple[NamedArgument, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A parameter of a closure, a method or a `catch`."""

    name: str
    type_name: str | None = None
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Closure(Expression):
    """`{ a, b -> statements }`.

    Attributes:
        parameters: None where no arrow stands: the closure then has its implicit `it`.
    """

    parameters: tuple[Parameter, ...] | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    """`!x`, `-x`, `+x`, `~x`, `++x`, `--x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Postfix(Expression):
    """`x++`, `x--`."""

    operator: str
    operand: Expression
    operator_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    """`a + b` and all the others, `..`, `..<`, `in`, `instanceof`, `=~`, `==~`, `<=>` among them."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Assign(Expression):
    """`target = value`, `target += value`; a `ListLiteral` as the target for `(a, b) = pair`."""

    operator: str
    target: Expression
    value: Expression
    operator_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Ternary(Expression):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    operator_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Elvis(Expression):
    """`value ?: otherwise`."""

    value: Expression
    otherwise: Expression
    operator_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Cast(Expression):
    """`(Type) value`, `value as Type`."""

    type_name: str
    value: Expression
    operator_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Spread(Expression):
    """`*list` among the arguments of a call or the items of a list."""

    value: Expression
