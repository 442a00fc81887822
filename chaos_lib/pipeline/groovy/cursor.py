"""Where the parser stands in the tokens, and how it moves."""

from __future__ import annotations

from collections.abc import Collection

from chaos_lib.pipeline.groovy.lexer import Lines, tokens_of
from chaos_lib.pipeline.groovy.nodes import Span
from chaos_lib.pipeline.groovy.tokens import GroovySyntaxError, Kind, Token, mismatched


class Cursor:
    """The tokens of one text and a place among them.

    Looking at a token that the lexer could not make raises the lexer's error, so that it comes up only if no
    earlier error does, as in Groovy.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = Lines(source)
        self.tokens = tokens_of(source, self.lines)
        self.index = 0
        self.kind: str = Kind.EOF
        self._settle()

    def _settle(self) -> None:
        token = self.tokens[self.index]
        if token.kind == Kind.BROKEN:
            self._fail(token)
        self.kind = token.kind

    @staticmethod
    def _fail(token: Token) -> None:
        if isinstance(token.value, GroovySyntaxError):
            raise token.value

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.index]

    def peek(self, ahead: int = 1) -> str:
        """Return the kind of the token after the next one, or further ahead."""
        return self.kind_at(self.index + ahead)

    def kind_at(self, index: int) -> str:
        """Return the kind of a token by its index; behind the end there is only `EOF`."""
        if index >= len(self.tokens):
            return Kind.EOF
        token = self.tokens[index]
        if token.kind == Kind.BROKEN:
            self._fail(token)
        return token.kind

    def advance(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.index]
        if self.index < len(self.tokens) - 1:
            self.index += 1
            self._settle()
        return token

    def match(self, kind: str) -> Token:
        """Take the next token if it is of this kind.

        Raises:
            GroovySyntaxError: It is another.
        """
        if self.kind != kind:
            raise mismatched(kind, self.token)
        return self.advance()

    def accept(self, kind: str) -> bool:
        """Take the next token if it is of this kind, and say whether it was."""
        if self.kind != kind:
            return False
        self.advance()
        return True

    def skip_newlines(self) -> None:
        """Take a newline, if one comes next."""
        if self.kind == Kind.NEWLINE:
            self.advance()

    def rewind(self, index: int) -> None:
        """Go back to an earlier place."""
        self.index = index
        self._settle()

    def comes_after_newlines(self, kinds: Collection[str]) -> bool:
        """Say whether one of these kinds comes next, or behind a newline."""
        if self.kind in kinds:
            return True
        return self.kind == Kind.NEWLINE and self.peek() in kinds

    def span_from(self, start: Token) -> Span:
        """Return the stretch from a token to the last one taken."""
        last = self.tokens[self.index - 1] if self.index else start
        if last.kind == Kind.NEWLINE and last.start > start.start:
            last = self.tokens[self.index - 2]
        end = max(last.end, start.end) if last.start >= start.start else start.end
        end_line, end_column = self.lines.at(end)
        return Span(start.line, start.column, end_line, end_column, start.start, end)

    def span_of(self, token: Token) -> Span:
        """Return the stretch of one token."""
        end_line, end_column = self.lines.at(token.end)
        return Span(token.line, token.column, end_line, end_column, token.start, token.end)

    def span_between(self, start: Span, end: Span) -> Span:
        """Return the stretch from the start of one to the end of another."""
        return Span(start.line, start.column, end.end_line, end.end_column, start.start, end.end)

    def behind_brackets(self, index: int) -> int:
        """Return the index behind the bracket that closes the one at `index`; that of the end if none does."""
        depth = 0
        while index < len(self.tokens):
            kind = self.kind_at(index)
            if kind in ("(", "[", "{", Kind.STRING_START):
                depth += 1
            elif kind in (")", "]", "}", Kind.STRING_END):
                depth -= 1
            index += 1
            if depth == 0:
                return index
        return len(self.tokens) - 1
