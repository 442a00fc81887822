"""Names, calls, strings, lists and closures: what an expression is made of.

Groovy's own grammar decides most alternatives by the next one or two tokens and some by trying; where it reports
`unexpected token` and where `expecting ..., found ...` follows from that, and is kept here.
"""

from __future__ import annotations

from dataclasses import replace

from chaos_lib.pipeline.groovy.argument_grammar import ArgumentGrammar
from chaos_lib.pipeline.groovy.expressions import (
    Call,
    Closure,
    GString,
    Index,
    ListLiteral,
    Literal,
    MapLiteral,
    NamedArgument,
    New,
    Parameter,
    Property,
    Variable,
)
from chaos_lib.pipeline.groovy.nodes import Expression, Span, Statement
from chaos_lib.pipeline.groovy.statements import ExpressionStatement
from chaos_lib.pipeline.groovy.tokens import (
    BUILT_IN_TYPES,
    KEYWORDS,
    NO_ARGUMENT,
    GroovySyntaxError,
    Kind,
    unexpected,
)

DOTS: frozenset[str] = frozenset({".", "?.", "*.", ".&"})
PRIMARY_START: frozenset[str] = (
    frozenset({Kind.IDENT, Kind.NUMBER, Kind.STRING, Kind.STRING_START})
    | {"true", "false", "null", "new", "this", "super", "(", "{", "["}
    | BUILT_IN_TYPES
)
EXPRESSION_START = PRIMARY_START | {"++", "--", "-", "+", "~", "!"}
_NO_ELEMENT = NO_ARGUMENT | DOTS | {"->", ",", ";", "<", ")", "}", Kind.EOF}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class PathGrammar(ArgumentGrammar):
    """Reads primaries and what is appended to them."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        # The last path that was read: only a whole path can be a command's name.
        self.last_path: Expression | None = None
        # What the grammar accepts and the tree behind it does not: message and place.
        self.tree_errors: list[GroovySyntaxError] = []
        # The last expression that stood in brackets: they leave no node of their own.
        self._bracketed: Expression | None = None

    # Given by the grammars built on this one.

    def block_body(self) -> tuple[Statement, ...]:
        """Read statements up to a closing brace."""
        raise NotImplementedError

    def parameter_list(self) -> tuple[Parameter, ...]:
        """Read parameters, separated by commas."""
        raise NotImplementedError

    def tree_error(self, message: str, line: int, column: int) -> None:
        """Note something the grammar accepts and the tree does not."""
        text = f"{message} at line: {line} column: {column}. File: WorkflowScript"
        self.tree_errors.append(GroovySyntaxError(text, line, column))

    def path(self, *, in_statement: bool) -> Expression:
        """Read a primary and all that is appended to it."""
        path = self.path_chain(self.primary(), in_statement=in_statement)
        self.last_path = path
        return path

    def path_element_follows(self) -> bool:
        """Say whether a dot or an opening bracket continues a path."""
        if self.kind in ("[", "(", "{"):
            return self.peek() not in NO_ARGUMENT
        return self.comes_after_newlines(DOTS)

    def path_chain(self, prefix: Expression, *, in_statement: bool) -> Expression:
        """Read the dots, calls, indices and closures behind a primary."""
        while True:
            if self.path_element_follows():
                self.skip_newlines()
                prefix = self._path_element(prefix)
            elif in_statement and self.kind == Kind.NEWLINE and self.peek() == "{":
                self.advance()
                prefix = self._appended_block(prefix)
            else:
                return prefix

    def _path_element(self, prefix: Expression) -> Expression:
        if self.kind == "(":
            return self._call_arguments(prefix)
        if self.kind == "{":
            return self._appended_block(prefix)
        if self.kind == "[":
            self.advance()
            positional, named = self.argument_list()
            self.match("]")
            keys = positional + tuple(argument.value for argument in named)
            return Index(self._span_since(prefix), prefix, keys)
        dot = self.advance().kind
        self.skip_newlines()
        if self.kind == "<":
            behind = self.behind_type_arguments(self.index)
            if behind is not None:
                self.rewind(behind)
        is_field = self.accept("@")
        name = self._member_name()
        return Property(
            self._span_since(prefix),
            prefix,
            name,
            is_safe=dot == "?.",
            is_spread=dot == "*.",
            is_pointer=dot == ".&",
            is_field=is_field,
        )

    def _span_since(self, node: Expression) -> Span:
        end = self.tokens[self.index - 1]
        end_line, end_column = self.lines.at(end.end)
        return Span(node.span.line, node.span.column, end_line, end_column, node.span.start, end.end)

    def _member_name(self) -> str | Expression:
        if self.kind == Kind.IDENT or self.kind in KEYWORDS:
            return self.advance().text
        if self.kind == Kind.STRING:
            return str(self.advance().value)
        if self.kind == Kind.STRING_START:
            return self._gstring()
        if self.kind == "(":
            return self._parenthesized()
        if self.kind == "{":
            return self._closure()
        raise unexpected(self.token)

    def _call_arguments(self, prefix: Expression) -> Expression:
        self.match("(")
        first = self.token
        positional, named = self.argument_list()
        arguments_span = self.span_from(first) if positional or named else None
        self.match(")")
        return self.call(prefix, positional, named, has_parentheses=True, arguments_span=arguments_span)

    def call(
        self,
        prefix: Expression,
        positional: tuple[Expression, ...],
        named: tuple[NamedArgument, ...],
        *,
        has_parentheses: bool,
        arguments_span: Span | None,
    ) -> Call:
        """Return the call of what was read before the arguments."""
        self.check_duplicates(named, arguments_span)
        if isinstance(prefix, Variable):
            self._check_word(prefix, arguments_span)
        span = self._span_since(prefix)
        target: Expression | None = None
        method: str | Expression = prefix
        is_safe = is_spread = False
        if prefix is self._bracketed:
            # `(name)(x)` calls what `name` holds.
            pass
        elif isinstance(prefix, Variable):
            method = prefix.name
        elif isinstance(prefix, Literal) and isinstance(prefix.value, str):
            method = prefix.value
        elif isinstance(prefix, Property) and not prefix.is_pointer and not prefix.is_field:
            target, method = prefix.target, prefix.name
            is_safe, is_spread = prefix.is_safe, prefix.is_spread
        return Call(
            span,
            target,
            method,
            positional,
            named,
            is_safe=is_safe,
            is_spread=is_spread,
            has_parentheses=has_parentheses,
            method_span=prefix.span,
            arguments_span=arguments_span,
        )

    def _check_word(self, name: Variable, at: Span | None) -> None:
        if name.name in BUILT_IN_TYPES - {"void"}:
            what = f"Primitive type literal: {name.name} cannot be used as a method name"
            self.tree_error(what, name.span.line, name.span.column)
        elif name.name in ("this", "super") and at is not None:
            what = "Constructor call must be the first statement in a constructor."
            self.tree_error(what, at.line, at.column)

    def check_duplicates(self, named: tuple[NamedArgument, ...], at: Span | None) -> None:
        """Note an argument that is named twice."""
        seen: set[str] = set()
        for argument in named:
            if (
                isinstance(argument.name, str)
                and argument.name != "*"
                and argument.name in seen
                and at is not None
            ):
                self.tree_error(f"Duplicate named parameter '{argument.name}' found.", at.line, at.column)
                return
            if isinstance(argument.name, str):
                seen.add(argument.name)

    def _appended_block(self, prefix: Expression) -> Expression:
        closure = self._closure()
        if isinstance(prefix, Call) and prefix is not self._bracketed:
            return replace(prefix, span=self._span_since(prefix), positional=(*prefix.positional, closure))
        return self.call(prefix, (closure,), (), has_parentheses=False, arguments_span=closure.span)

    # --- primaries ---

    def primary(self) -> Expression:
        """Read a name, a literal, something in brackets, a closure or `new`."""
        token = self.token
        kind = token.kind
        if kind == Kind.IDENT or kind in ("this", "super") or kind in BUILT_IN_TYPES:
            self.advance()
            return Variable(self.span_of(token), token.text)
        if kind == Kind.STRING or kind == Kind.NUMBER:
            self.advance()
            value = token.value
            is_literal = isinstance(value, str | int | float)
            return Literal(self.span_of(token), value if is_literal else None)  # type: ignore[arg-type]
        if kind == Kind.STRING_START:
            return self._gstring()
        if kind in _CONSTANTS:
            self.advance()
            return Literal(self.span_of(token), _CONSTANTS[kind])
        if kind == "(":
            return self._parenthesized()
        if kind == "[":
            return self._list_or_map()
        if kind == "{":
            return self._closure()
        if kind == "new":
            return self._new()
        raise unexpected(token)

    def _parenthesized(self) -> Expression:
        self.match("(")
        inner = self.strict_expression()
        self.match(")")
        self._bracketed = inner
        return inner

    def _list_or_map(self) -> Expression:
        if self.peek() in _NO_ELEMENT:
            raise unexpected(self.token)
        start = self.match("[")
        if self.accept(":"):
            self.match("]")
            return MapLiteral(self.span_from(start), ())
        positional, named = self.argument_list()
        self.match("]")
        span = self.span_from(start)
        if named:
            return MapLiteral(span, named)
        return ListLiteral(span, positional)

    def _new(self) -> Expression:
        start = self.match("new")
        self.skip_newlines()
        name = self.plain_type()
        if self.kind == "[":
            sizes: list[Expression] = []
            while self.accept("["):
                if self.kind != "]":
                    sizes.append(self.expression())
                self.match("]")
                name += "[]"
            return New(self.span_from(start), name, tuple(sizes))
        self.skip_newlines()
        self.match("(")
        positional, named = self.argument_list()
        self.match(")")
        if self.kind == "{":
            self.rewind(self.behind_brackets(self.index))
        return New(self.span_from(start), name, positional, named)

    def _gstring(self) -> Expression:
        start = self.match(Kind.STRING_START)
        parts: list[str | Expression] = [str(start.value)] if start.value else []
        parts.append(self._gstring_value())
        while self.kind == Kind.STRING_MIDDLE:
            text = str(self.advance().value)
            if text:
                parts.append(text)
            parts.append(self._gstring_value())
        end = self.match(Kind.STRING_END)
        if end.value:
            parts.append(str(end.value))
        return GString(self.span_from(start), tuple(parts))

    def _gstring_value(self) -> Expression:
        if self.kind == Kind.IDENT or self.kind in ("this", "super"):
            token = self.advance()
            value: Expression = Variable(self.span_of(token), token.text)
            while self.kind == ".":
                self.advance()
                self.skip_newlines()
                name = self.match(Kind.IDENT).text
                value = Property(self._span_since(value), value, name)
            return value
        if self.kind != "{":
            raise unexpected(self.token)
        start = self.token
        closure = self._closure()
        if closure.parameters is None and len(closure.body) <= 1:
            if not closure.body:
                return Literal(self.span_of(start), None)
            only = closure.body[0]
            if isinstance(only, ExpressionStatement):
                return only.expression
        return closure

    # --- closures ---

    def _closure(self) -> Closure:
        start = self.match("{")
        self.skip_newlines()
        parameters = self._closure_parameters()
        body = self.block_body()
        self.match("}")
        return Closure(self.span_from(start), parameters, body)

    def _closure_parameters(self) -> tuple[Parameter, ...] | None:
        if not self.arrow_follows():
            return None
        start = self.index
        try:
            parameters = self.parameter_list()
            self.skip_newlines()
            self.match("->")
        except GroovySyntaxError as exc:
            if exc.is_lexical:
                raise
            self.rewind(start)
            return None
        self.skip_newlines()
        return parameters

    def arrow_follows(self) -> bool:
        """Say whether an arrow comes before the end of what could be a list of parameters."""
        index = self.index
        while True:
            token = self.tokens[index]
            kind = token.kind
            if kind == "->":
                return True
            if kind in (Kind.EOF, Kind.BROKEN, ";", "}", ")", "]"):
                return False
            if kind == Kind.NEWLINE:
                return self.tokens[index + 1].kind == "->"
            if kind in ("(", "[", "{", Kind.STRING_START):
                index = self._behind_brackets_unless_broken(index)
            elif kind == ",":
                index += 2 if self.tokens[index + 1].kind == Kind.NEWLINE else 1
            else:
                index += 1

    def _behind_brackets_unless_broken(self, index: int) -> int:
        try:
            return self.behind_brackets(index)
        except GroovySyntaxError:
            return len(self.tokens) - 1
