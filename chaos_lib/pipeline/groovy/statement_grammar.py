"""Statements, declarations and whole files."""

from __future__ import annotations

from chaos_lib.pipeline.groovy.expression_grammar import ExpressionGrammar, on_its_own
from chaos_lib.pipeline.groovy.expressions import Parameter
from chaos_lib.pipeline.groovy.flow_grammar import FLOW_START, FlowGrammar
from chaos_lib.pipeline.groovy.nodes import Expression, Span, Statement
from chaos_lib.pipeline.groovy.path_grammar import EXPRESSION_START
from chaos_lib.pipeline.groovy.statements import (
    Block,
    ClassDefinition,
    Declaration,
    ExpressionStatement,
    Import,
    MethodDefinition,
    Script,
)
from chaos_lib.pipeline.groovy.tokens import MODIFIERS, GroovySyntaxError, Kind, Token, unexpected

_CLASS_WORDS = frozenset({"class", "interface", "enum", "trait"})
_STATEMENT_START = (
    EXPRESSION_START | FLOW_START | MODIFIERS | _CLASS_WORDS | {"import", "def", "@", "package"}
)
_ARGUMENT_START = frozenset(
    {Kind.IDENT, Kind.STRING, Kind.STRING_START, Kind.NUMBER, "true", "false", "null"}
)
_NEVER_BEHIND = frozenset({"@", "?", "?:", "<", ">", "<=", ">="})
_ENDS_A_DECLARATION = frozenset({",", ";", Kind.NEWLINE, "}", ")", "]", Kind.EOF, "case", "default", "else"})
_ADVICE_CLOSURE = (
    "Ambiguous expression could be either a parameterless closure expression or an isolated open code block;\n"
    "   solution: Add an explicit closure parameter list, e.g. {it -> ...}, or force it to be treated as an open "
    "block by giving it a label, e.g. L:{...}"
)
_ADVICE_NEWLINE = (
    "Ambiguous expression could be a parameterless closure expression, an isolated open code block, or it may "
    "continue a previous statement;\n   solution: Add an explicit parameter list, e.g. {it -> ...}, or force it to "
    "be treated as an open block by giving it a label, e.g. L:{...}, and also either remove the previous newline, "
    "or add an explicit semicolon ';'"
)


class StatementGrammar(FlowGrammar, ExpressionGrammar):
    """Reads statements and files."""

    def script(self) -> Script:
        """Read a whole file.

        Raises:
            GroovySyntaxError: It is no Groovy.
        """
        start = self.token
        self.skip_newlines()
        statements = self._statements(Kind.EOF)
        self.match(Kind.EOF)
        if self.tree_errors:
            raise min(self.tree_errors, key=lambda error: (error.line, error.column))
        return Script(self.span_from(start), statements, self.source)

    def block_body(self) -> tuple[Statement, ...]:
        """Read the statements of a block up to its brace."""
        return self._statements("}")

    def _statements(self, end: str) -> tuple[Statement, ...]:
        found: list[Statement] = []
        separator: str = Kind.EOF
        if self.kind == Kind.EOF and end != Kind.EOF:
            raise unexpected(self.token)
        while True:
            if self.kind in _STATEMENT_START:
                found.append(self.statement(separator))
            elif self.kind not in (";", Kind.NEWLINE, Kind.EOF, end):
                raise unexpected(self.token)
            if self.kind in _NEVER_BEHIND:
                raise unexpected(self.token)
            if self.kind not in (";", Kind.NEWLINE):
                return tuple(found)
            separator = self._separator()

    def _separator(self) -> str:
        separator = self.kind
        while self.kind in (";", Kind.NEWLINE):
            if self.kind == ";":
                separator = ";"
            self.advance()
        return separator

    def statement(self, before: str) -> Statement:
        """Read one statement; `before` is what separates it from the last one."""
        start = self.token
        if self.kind in FLOW_START:
            return self.flow(start)
        if self.kind in ("import", "package") or self._annotated_import_follows():
            return self._import(start)
        if self.kind == "def" and self._behind_newline_kind(1) == "(":
            return self._multiple_declaration(start)
        if self.declaration_follows():
            return self._declaration(start)
        if self._class_follows():
            return self._class(start)
        if self.kind == Kind.IDENT and self.peek() == ":":
            self.advance()
            self.advance()
            self.skip_newlines()
            if self.kind == "{":
                return self._labelled_block()
            return self.statement(":")
        if self.kind not in EXPRESSION_START or self.peek() in (",", ")"):
            raise unexpected(start)
        if self.kind == "{" and not self._has_parameters():
            advice = _ADVICE_NEWLINE if before == Kind.NEWLINE else _ADVICE_CLOSURE
            raise GroovySyntaxError(advice, start.line, start.column)
        expression = on_its_own(self.command_or_expression(in_statement=True))
        return ExpressionStatement(self.statement_span(start), expression)

    def _labelled_block(self) -> Statement:
        """Read `label: { ... }`; Groovy has it begin at its first statement."""
        brace = self.token
        body = self.open_block()
        span = self.span_between(body[0].span, body[-1].span) if body else self.statement_span(brace)
        return Block(span, body)

    def _has_parameters(self) -> bool:
        index = self.index
        self.advance()
        self.skip_newlines()
        has_arrow = self.arrow_follows()
        self.rewind(index)
        return has_arrow

    def statement_span(self, start: Token) -> Span:
        """Return a statement's stretch, which Groovy lets end where the next token begins."""
        end = self.token
        return Span(start.line, start.column, end.line, end.column, start.start, max(end.start, start.end))

    def _behind_newline_kind(self, ahead: int) -> str:
        kind = self.peek(ahead)
        return self.peek(ahead + 1) if kind == Kind.NEWLINE else kind

    # --- declarations ---

    def _multiple_declaration(self, start: Token) -> Statement:
        self.advance()
        self.skip_newlines()
        self.match("(")
        names: list[str] = []
        while True:
            self.skip_newlines()
            if self.declaration_follows():
                self.type_spec()
            names.append(self.match(Kind.IDENT).text)
            if not self.accept(","):
                break
        self.match(")")
        self.match("=")
        self.skip_newlines()
        value = self._initial_value()
        return Declaration(self.statement_span(start), tuple(names), value)

    def _initial_value(self) -> Expression:
        return self.command_or_expression(in_statement=False)

    def _declaration(self, start: Token) -> Statement:
        first = self.index
        has_modifiers = self.skip_modifiers()
        type_name = None
        is_typed = not has_modifiers or self.peek() in (Kind.IDENT, Kind.STRING, ".", "<", "[")
        if has_modifiers and self.kind == Kind.IDENT and self.peek() in (Kind.IDENT, Kind.STRING):
            is_typed = self.token.text[:1].isupper()
        if is_typed or self.kind not in (Kind.IDENT, Kind.STRING):
            type_name = self.type_spec()
        if not has_modifiers and self.kind == Kind.IDENT and self.peek() in _ARGUMENT_START:
            # `Type name 'x'` is a command, not a declaration.
            self.rewind(first)
            return ExpressionStatement(
                self.statement_span(start), on_its_own(self.command_or_expression(in_statement=True))
            )
        if self.peek() == "(" and self.kind in (Kind.IDENT, Kind.STRING):
            return self._method(start)
        if self.kind == Kind.STRING:
            raise unexpected(self.token)
        found = [self._declarator(start, type_name)]
        while self.accept(","):
            self.skip_newlines()
            found.append(self._declarator(self.token, type_name))
        if len(found) == 1:
            return found[0]
        return Block(self.statement_span(start), tuple(found), opens_scope=False)

    def _declarator(self, start: Token, type_name: str | None) -> Declaration:
        name = self.match(Kind.IDENT)
        value = None
        if self.accept("="):
            self.skip_newlines()
            value = self._initial_value()
        elif self.kind not in _ENDS_A_DECLARATION:
            raise unexpected(name)
        return Declaration(self.statement_span(start), (name.text,), value, type_name)

    def _method(self, start: Token) -> Statement:
        name = self.advance().text
        self.match("(")
        parameters = self.parameter_list() if self.kind != ")" else ()
        self.match(")")
        if self._behind_newline_kind(0) == "throws":
            self.skip_newlines()
            self.advance()
            self.plain_type()
            while self.accept(","):
                self.skip_newlines()
                self.plain_type()
        if not self.comes_after_newlines(("{",)):
            line, column = start.line, start.column
            message = "You defined a method without body. Try adding a body, or declare it abstract."
            self.tree_error(message, line, column)
            return MethodDefinition(self.statement_span(start), name, parameters, ())
        self.skip_newlines()
        body = self.open_block()
        return MethodDefinition(self.statement_span(start), name, parameters, body)

    def parameter_list(self) -> tuple[Parameter, ...]:
        """Read the parameters of a method or a closure."""
        found: list[Parameter] = []
        if self.kind == "->" or (self.kind == Kind.NEWLINE and self.peek() == "->"):
            return ()
        while True:
            found.append(self._parameter())
            if not self.accept(","):
                return tuple(found)
            self.skip_newlines()

    def _parameter(self) -> Parameter:
        start = self.token
        self.skip_modifiers()
        type_name = None
        if self.kind != Kind.IDENT or self.peek() in (Kind.IDENT, ".", "<", "[", "..."):
            type_name = self.type_spec()
        self.accept("...")
        name = self.match(Kind.IDENT).text
        default = None
        if self.accept("="):
            self.skip_newlines()
            default = self._initial_value()
        return Parameter(self.span_from(start), name, type_name, default)

    # --- imports and classes ---

    def _annotated_import_follows(self) -> bool:
        index = self.index
        while self.kind_at(index) == "@" and self.kind_at(index + 1) == Kind.IDENT:
            index = self._behind_annotation(index)
        return index > self.index and self.kind_at(index) in ("import", "package")

    def _import(self, start: Token) -> Statement:
        self.skip_modifiers()
        word = self.advance()
        is_static = self.accept("static")
        if self.kind != Kind.IDENT and not is_static:
            raise unexpected(word)
        begin = self.match(Kind.IDENT)
        while self.kind == ".":
            self.advance()
            self.skip_newlines()
            if not self.accept("*"):
                self.match(Kind.IDENT)
        name = self.source[begin.start : self.tokens[self.index - 1].end]
        if self.accept("as"):
            self.skip_newlines()
            self.match(Kind.IDENT)
        if self.kind not in (";", Kind.NEWLINE, "}", Kind.EOF):
            raise unexpected(self.token)
        return Import(self.statement_span(start), name)

    def _class_follows(self) -> bool:
        index = self.index
        while True:
            kind = self.kind_at(index)
            if kind in MODIFIERS or kind in ("def", Kind.NEWLINE):
                index += 1
            elif kind == "@" and self.kind_at(index + 1) == Kind.IDENT:
                index = self._behind_annotation(index)
            else:
                return kind in _CLASS_WORDS or (kind == "@" and self.kind_at(index + 1) == "interface")

    def _class(self, start: Token) -> Statement:
        self.skip_modifiers()
        self.accept("@")
        word = self.advance()
        if self.kind not in (Kind.IDENT, Kind.NEWLINE):
            raise unexpected(word)
        name = self.match(Kind.IDENT).text
        while self.kind not in ("{", Kind.EOF):
            self.advance()
        self.match("{")
        closing = self.behind_brackets(self.index - 1)
        self.rewind(closing - 1 if self.kind_at(closing - 1) == "}" else len(self.tokens) - 1)
        self.match("}")
        return ClassDefinition(self.statement_span(start), name)


def parse_groovy(source: str) -> Script:
    """Read a Groovy file.

    Raises:
        GroovySyntaxError: It is no Groovy; says what Groovy 2.4 says.
    """
    return StatementGrammar(source).script()
