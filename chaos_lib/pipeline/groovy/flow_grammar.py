"""`if`, loops, `try`, `switch` and the words that leave a block."""

from __future__ import annotations

from chaos_lib.pipeline.groovy.expression_grammar import ExpressionGrammar, on_its_own
from chaos_lib.pipeline.groovy.nodes import Expression, Statement
from chaos_lib.pipeline.groovy.path_grammar import EXPRESSION_START
from chaos_lib.pipeline.groovy.statements import (
    Assert,
    Block,
    Break,
    Case,
    Catch,
    Continue,
    ExpressionStatement,
    For,
    ForEach,
    If,
    Return,
    Switch,
    Throw,
    Try,
    While,
)
from chaos_lib.pipeline.groovy.tokens import (
    BUILT_IN_TYPES,
    NO_ARGUMENT,
    GroovySyntaxError,
    Kind,
    Token,
    unexpected,
)

_LEAVING = frozenset({"return", "break", "continue", "throw", "assert"})
_NEVER_BLOCK = (
    NO_ARGUMENT
    | {
        ".",
        "?.",
        "*.",
        "->",
        ")",
        "]",
        ":",
        ",",
        "*",
        "/",
        "<",
        "else",
        "catch",
        "finally",
        "case",
        "default",
    }
    | {"as", "in", "instanceof", "package", "extends", "throws"}
)
_ENDS = frozenset({";", Kind.NEWLINE, Kind.EOF, "}", ")", "]", ",", "case", "default", "else"})
FLOW_START: frozenset[str] = frozenset({"if", "for", "while", "switch", "try", "synchronized"}) | _LEAVING


class FlowGrammar(ExpressionGrammar):
    """Reads what decides about the way on."""

    def statement(self, before: str) -> Statement:
        """Read one statement."""
        raise NotImplementedError

    def flow(self, start: Token) -> Statement:
        """Read the statement that a word of `FLOW_START` begins."""
        if self.kind in _LEAVING:
            return self._leaving(start)
        word = self.advance().kind
        if word == "if":
            return self._if(start)
        if word == "while":
            condition = self._condition()
            return While(self.span_from(start), condition, self._loop_body())
        if word == "for":
            return self._for(start)
        if word == "switch":
            return self._switch(start)
        if word == "try":
            return self._try(start)
        self._condition()
        self.skip_newlines()
        return Block(self.span_from(start), self.open_block())

    def open_block(self) -> tuple[Statement, ...]:
        """Read statements in braces."""
        self.match("{")
        self.skip_newlines()
        body = self.block_body()
        self.match("}")
        return body

    def _condition(self) -> Expression:
        self.match("(")
        condition = self.strict_expression()
        self.match(")")
        return condition

    def _body(self) -> tuple[Statement, ...]:
        if self.kind == "{":
            return self.open_block()
        return (self.statement(Kind.EOF),)

    def _loop_body(self) -> tuple[Statement, ...]:
        self.skip_newlines()
        return () if self.accept(";") else self._body()

    def _if(self, start: Token) -> Statement:
        self.match("(")
        condition = self.conditional(in_statement=False)
        self.match(")")
        self.skip_newlines()
        then = self._body()
        ahead = 0
        while self.kind_at(self.index + ahead) in (";", Kind.NEWLINE):
            ahead += 1
        if self.kind_at(self.index + ahead) != "else":
            return If(self.span_from(start), condition, then)
        self.rewind(self.index + ahead + 1)
        self.skip_newlines()
        otherwise = self._body()
        return If(self.span_from(start), condition, then, otherwise)

    def _for(self, start: Token) -> Statement:
        self.match("(")
        if self.declaration_follows():
            first = self.index
            self.skip_modifiers()
            is_name = self.kind == Kind.IDENT and self.peek() in ("in", ":")
            if not is_name and (self.kind in BUILT_IN_TYPES or self.peek() in (Kind.IDENT, ".", "<", "[")):
                self.type_spec()
            if self.kind == Kind.IDENT and self.peek() in ("in", ":"):
                return self._for_each(start)
            self.rewind(first)
        elif self.kind == Kind.IDENT and self.peek() == "in":
            return self._for_each(start)
        begin = () if self.kind == ";" else (self._closure_list_item(),)
        self.match(";")
        condition = None if self.kind == ";" else self.strict_expression()
        self.match(";")
        step = () if self.kind == ")" else (self.strict_expression(),)
        self.match(")")
        return For(self.span_from(start), begin, condition, step, self._loop_body())

    def _closure_list_item(self) -> Statement:
        start = self.token
        if self.declaration_follows():
            return self.statement(Kind.EOF)
        return ExpressionStatement(self.span_of(start), self.strict_expression())

    def _for_each(self, start: Token) -> Statement:
        name = self.match(Kind.IDENT).text
        self.advance()
        items = self.expression()
        self.match(")")
        return ForEach(self.span_from(start), name, items, self._loop_body())

    def _switch(self, start: Token) -> Statement:
        value = self._condition()
        self.skip_newlines()
        self.match("{")
        self.skip_newlines()
        cases: list[Case] = []
        while self.kind in ("case", "default"):
            case = self.advance()
            label = self.expression() if case.kind == "case" else None
            self.match(":")
            self.skip_newlines()
            body = () if self.kind in ("case", "default", "}") else self._case_body()
            cases.append(Case(self.span_from(case), label, body))
        self.match("}")
        return Switch(self.span_from(start), value, tuple(cases))

    def _case_body(self) -> tuple[Statement, ...]:
        found = [self.statement(":")]
        while self.kind in (";", Kind.NEWLINE):
            while self.kind in (";", Kind.NEWLINE):
                self.advance()
            if self.kind in ("case", "default", "}"):
                break
            found.append(self.statement(Kind.NEWLINE))
        return tuple(found)

    def _try(self, start: Token) -> Statement:
        self.skip_newlines()
        if self.kind in _NEVER_BLOCK:
            raise unexpected(self.token)
        body = self.open_block()
        catches: list[Catch] = []
        while self.comes_after_newlines(("catch",)):
            self.skip_newlines()
            catches.append(self._catch())
        finish = None
        if self.comes_after_newlines(("finally",)):
            self.skip_newlines()
            self.advance()
            self.skip_newlines()
            finish = self.open_block()
        if not catches and finish is None:
            self.tree_error(
                "A try statement must have at least one catch or finally block.", start.line, start.column
            )
        return Try(self.span_from(start), body, tuple(catches), finish)

    def _catch(self) -> Catch:
        start = self.match("catch")
        if self.kind != "(":
            raise unexpected(start)
        self.match("(")
        self.skip_newlines()
        self.accept("final")
        self.accept("def")
        types: list[str] = []
        if self.peek() != ")":
            types.append(self.plain_type())
            while self.accept("|"):
                self.skip_newlines()
                types.append(self.plain_type())
        name = self.match(Kind.IDENT).text
        self.match(")")
        self.skip_newlines()
        return Catch(self.span_from(start), tuple(types), name, self.open_block())

    def strict_expression(self) -> Expression:
        """Read what may stand in brackets."""
        if self.kind in _LEAVING:
            # Legal there, and of no use to a pipeline: read, and replaced by what it leaves with.
            left = self._leaving(self.token)
            value = left.value if isinstance(left, Return | Throw) else None
            if value is None:
                raise GroovySyntaxError(
                    f"unexpected token: {self.token.text}", self.token.line, self.token.column
                )
            return value
        if self.declaration_follows():
            self.skip_modifiers()
            if self.peek() in (Kind.IDENT, ".", "<", "[") or self.kind in BUILT_IN_TYPES:
                self.type_spec()
            return on_its_own(self.expression())
        if self.kind not in EXPRESSION_START:
            raise unexpected(self.token)
        return on_its_own(self.expression())

    def _check_end(self) -> None:
        if self.kind not in _ENDS:
            raise unexpected(self.token)

    def _leaving(self, start: Token) -> Statement:
        word = self.advance().kind
        if word == "return":
            value = self.expression() if self.kind in EXPRESSION_START else None
            if value is None:
                self._check_end()
            return Return(self.span_from(start), value)
        if word == "throw":
            return Throw(self.span_from(start), self.expression())
        if word == "assert":
            condition = self.conditional(in_statement=False)
            message = None
            if self.kind in (",", ":"):
                self.advance()
                self.skip_newlines()
                message = self.expression()
            return Assert(self.span_from(start), condition, message)
        label = self.advance().text if self.kind == Kind.IDENT else None
        if label is None:
            self._check_end()
        return (
            Break(self.span_from(start), label) if word == "break" else Continue(self.span_from(start), label)
        )
