"""Operators, casts and commands."""

from __future__ import annotations

from dataclasses import replace

from chaos_lib.pipeline.groovy.expressions import (
    Assign,
    Binary,
    Call,
    Cast,
    ClassName,
    Elvis,
    GString,
    ListLiteral,
    Literal,
    MapLiteral,
    NamedArgument,
    Postfix,
    Property,
    Ternary,
    Unary,
    Variable,
)
from chaos_lib.pipeline.groovy.nodes import Expression
from chaos_lib.pipeline.groovy.path_grammar import EXPRESSION_START, PRIMARY_START, PathGrammar
from chaos_lib.pipeline.groovy.text import text_of
from chaos_lib.pipeline.groovy.tokens import (
    BUILT_IN_TYPES,
    KEYWORDS,
    NO_ARGUMENT,
    GroovySyntaxError,
    Kind,
    unexpected,
)

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("=~", "==~"),
    ("!=", "==", "===", "!==", "<=>"),
    ("<", ">", "<=", ">=", "in", "instanceof", "as"),
    ("<<", ">>", ">>>", "..", "..<"),
    ("+", "-"),
    ("*", "/", "%"),
    ("**",),
)
_LEVEL: dict[str, int] = {operator: level for level, row in enumerate(_LEVELS) for operator in row}
_RELATIONAL = _LEVEL["<"]
_PREFIXES = frozenset({"++", "--", "-", "+", "~", "!"})
_ASSIGNMENTS = frozenset({"=", "+=", "-=", "*=", "/=", "%=", ">>=", ">>>=", "<<=", "&=", "^=", "|=", "**="})
# Where nothing that can be an operand follows, the error is at the operator for these, and behind it for all others.
_LOOKED_BEHIND = frozenset({"+", "-", "?", "?:", "<", ">", "<=", ">=", "in"})
_TYPE_START = BUILT_IN_TYPES | {Kind.IDENT, Kind.NEWLINE}
_NO_COMMAND_GOES_ON = frozenset({"in", "as", "instanceof", "@", "*", "<"})
_CAST_BEFORE = EXPRESSION_START - {"+", "-", "++", "--", "(", "[", "{"}


class ExpressionGrammar(PathGrammar):
    """Reads expressions."""

    def expression(self, *, in_statement: bool = False) -> Expression:
        """Read an expression, assignments included."""
        start = self.token
        names = self._multiple_assignment_follows()
        if names:
            self.rewind(names)
            equals = self.advance()
            self.skip_newlines()
            targets = tuple(
                Variable(self.span_of(token), token.text)
                for token in self.tokens[: names - 1]
                if token.start > start.start and token.kind == Kind.IDENT
            )
            value = self._assignment(in_statement=in_statement)
            target = ListLiteral(self.span_of(start), targets)
            return Assign(self.span_from(start), "=", target, value, self.span_of(equals))
        return self._assignment(in_statement=in_statement)

    def _multiple_assignment_follows(self) -> int:
        """Return the index of the `=` in `(a, b) = ...`, or 0."""
        if self.kind != "(":
            return 0
        index = self.index + 1
        while self.kind_at(index) == Kind.IDENT:
            index += 1
            if self.kind_at(index) != ",":
                break
            index += 1
        is_list = self.kind_at(index) == ")" and self.kind_at(index + 1) == "=" and index > self.index + 1
        return index + 1 if is_list else 0

    def _assignment(self, *, in_statement: bool) -> Expression:
        start = self.token
        left = self.conditional(in_statement=in_statement)
        if self.kind not in _ASSIGNMENTS:
            return left
        operator = self.advance()
        self._check_target(left, operator.line, operator.column)
        self.skip_newlines()
        value = self.command_or_expression(in_statement=False)
        return Assign(self.span_from(start), operator.text, left, value, self.span_of(operator))

    def _check_target(self, left: Expression, line: int, column: int) -> None:
        if isinstance(left, Literal):
            what = f"\n[{text_of(left)}] is a constant expression"
        elif isinstance(left, Binary):
            what = f"\n{text_of(left)} is a binary expression"
        elif isinstance(left, GString):
            what = f'\n"{text_of(left)}" is a GString expression'
        elif isinstance(left, Call):
            what = f'\n"{text_of(left)}" is a method call expression'
        elif isinstance(left, MapLiteral):
            what = f"\n'{text_of(left)}' is a map expression"
        else:
            return
        self.tree_error(f"{what}, but it should be a variable expression", line, column)

    def conditional(self, *, in_statement: bool) -> Expression:
        """Read an expression without assignments."""
        start = self.token
        condition = self._binary(0, in_statement=in_statement)
        if self._ends_too_early():
            return condition
        if self.comes_after_newlines(("?:",)):
            self.skip_newlines()
            operator = self.span_of(self.advance())
            self.skip_newlines()
            otherwise = self.conditional(in_statement=False)
            return Elvis(self.span_from(start), condition, otherwise, operator)
        if self.comes_after_newlines(("?",)):
            self.skip_newlines()
            operator = self.span_of(self.advance())
            self.skip_newlines()
            then = self._assignment(in_statement=False)
            self.skip_newlines()
            self.match(":")
            self.skip_newlines()
            otherwise = self.conditional(in_statement=False)
            return Ternary(self.span_from(start), condition, then, otherwise, operator)
        return condition

    def _binary(self, lowest: int, *, in_statement: bool) -> Expression:
        start = self.token
        left = self._unary(in_statement=in_statement)
        allowed = len(_LEVELS)
        while True:
            level = _LEVEL.get(self.kind)
            if level is None or level < lowest or level >= allowed or self._ends_too_early():
                return left
            operator = self.advance()
            self.skip_newlines()
            at = self.span_of(operator)
            if level == _RELATIONAL:
                # `a < b < c` is no Groovy: one of these, and nothing that binds tighter behind it.
                allowed = _RELATIONAL
            if operator.text in ("as", "instanceof"):
                type_start = self.token
                name = self.type_spec()
                if operator.text == "as":
                    left = Cast(self.span_from(start), name, left, at)
                else:
                    right = ClassName(self.span_from(type_start), name)
                    left = Binary(self.span_from(start), "instanceof", left, right, at)
                continue
            value = self._binary(level + 1, in_statement=False)
            left = Binary(self.span_from(start), operator.text, left, value, at)

    def _ends_too_early(self) -> bool:
        """Say whether what follows an operator makes it none: Groovy looks at both before it takes one of these."""
        if self.kind in ("as", "instanceof"):
            return self.peek() not in _TYPE_START
        return self.kind in _LOOKED_BEHIND and self.peek() not in EXPRESSION_START | {Kind.NEWLINE}

    def _unary(self, *, in_statement: bool) -> Expression:
        start = self.token
        if self.kind in _PREFIXES:
            operator = self.advance()
            self.skip_newlines()
            if self.kind in _PREFIXES - {"!", "~"} and self.peek() not in EXPRESSION_START:
                raise unexpected(self.token)
            operand = self._unary(in_statement=False)
            if operator.text == "-" and isinstance(operand, Literal):
                number = operand.value
                if isinstance(number, int | float) and not isinstance(number, bool):
                    return Literal(self.span_from(start), -number)
            return Unary(self.span_from(start), operator.text, operand)
        cast = self._cast()
        if cast is not None:
            return cast
        path = self.path(in_statement=in_statement)
        if self.kind in ("++", "--"):
            operator = self.advance()
            return Postfix(self.span_from(start), operator.text, path, self.span_of(operator))
        return path

    def _cast(self) -> Expression | None:
        if self.kind != "(":
            return None
        is_built_in = self.peek() in BUILT_IN_TYPES
        if not is_built_in and self.peek() != Kind.IDENT:
            return None
        start, index = self.token, self.index
        is_class = self.tokens[index + 1].text[:1].isupper()
        self.advance()
        try:
            name = self.type_spec()
        except GroovySyntaxError as exc:
            if exc.is_lexical:
                raise
            self.rewind(index)
            return None
        behind = self.peek()
        is_operand = behind in _CAST_BEFORE or ((is_built_in or is_class) and behind in ("(", "[", "{"))
        if self.kind != ")" or not is_operand:
            self.rewind(index)
            return None
        self.advance()
        value = self._unary(in_statement=False)
        return Cast(self.span_from(start), name, value)

    # --- commands ---

    def command_or_expression(self, *, in_statement: bool) -> Expression:
        """Read an expression that may be a command: a call without its brackets."""
        head = self.expression(in_statement=in_statement)
        if head is not self.last_path or self.kind == "else":
            return head
        return self._command(head)

    def _command(self, head: Expression) -> Expression:
        node = head
        if not isinstance(node, Call) and self._argument_may_start():
            index = self.index
            try:
                node = self._command_arguments(node, is_guess=True)
            except _NotACommand:
                self.rewind(index)
        while self.kind in PRIMARY_START and not self._behind_is_no_command():
            name = self.primary()
            if self.kind in _NO_COMMAND_GOES_ON:
                raise unexpected(self.token)
            member: str | Expression = name.name if isinstance(name, Variable) else name
            if isinstance(name, Literal) and isinstance(name.value, str):
                member = name.value
            node = Property(self.span_between(node.span, name.span), node, member)
            if self.path_element_follows():
                node = self.path_chain(node, in_statement=True)
            elif self._argument_may_start():
                node = self._command_arguments(node, is_guess=False)
        return node

    def _behind_is_no_command(self) -> bool:
        """Say whether the second token makes this no part of a command: Groovy looks two tokens ahead."""
        if self.kind in ("(", "[", "{"):
            return self.peek() in NO_ARGUMENT
        return self.kind not in ("new", Kind.STRING_START) and self.peek() in NO_ARGUMENT | {"/"}

    def _argument_may_start(self) -> bool:
        return self.kind in EXPRESSION_START or (self.kind in KEYWORDS and self.peek() == ":")

    def _command_arguments(self, head: Expression, *, is_guess: bool) -> Expression:
        first = self.token
        positional: list[Expression] = []
        named: list[NamedArgument] = []
        try:
            self._command_argument(positional, named)
        except GroovySyntaxError as exc:
            # Groovy tries the first argument, and if it is none, this is no command: the error is then the argument.
            if not is_guess or exc.is_lexical:
                raise
            raise _NotACommand from None
        while self.kind == "," and (self.peek() in EXPRESSION_START | KEYWORDS | {Kind.NEWLINE}):
            self.advance()
            self.skip_newlines()
            self._command_argument(positional, named)
        arguments = self.span_from(first)
        return self.call(
            head, tuple(positional), tuple(named), has_parentheses=False, arguments_span=arguments
        )

    def _command_argument(self, positional: list[Expression], named: list[NamedArgument]) -> None:
        start = self.token
        if self.label_follows():
            name = self.label()
            self.skip_newlines()
            value = self.expression()
            named.append(NamedArgument(self.span_from(start), name, value))
        else:
            positional.append(self.expression())


def on_its_own(node: Expression) -> Expression:
    """Return an expression that is a statement or stands in brackets: Groovy gives it the place where it begins.

    Anywhere else an operation has the place of its operator.
    """
    if (
        isinstance(node, Assign | Binary | Cast | Elvis | Postfix | Ternary)
        and node.operator_span is not None
    ):
        return replace(node, operator_span=None)
    return node


class _NotACommand(Exception):
    """What follows a name is no argument of it."""
