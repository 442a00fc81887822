"""The arguments between brackets."""

from __future__ import annotations

from chaos_lib.pipeline.groovy.expressions import NamedArgument, Spread
from chaos_lib.pipeline.groovy.nodes import Expression
from chaos_lib.pipeline.groovy.tokens import KEYWORDS, GroovySyntaxError, Kind, unexpected
from chaos_lib.pipeline.groovy.types import TypeGrammar


class ArgumentGrammar(TypeGrammar):
    """Reads arguments, with a name or without."""

    # Given by the grammars built on this one.

    def expression(self, *, in_statement: bool = False) -> Expression:
        """Read an expression."""
        raise NotImplementedError

    def strict_expression(self) -> Expression:
        """Read what may stand in brackets: an expression, a declaration, `return`..."""
        raise NotImplementedError

    def primary(self) -> Expression:
        """Read a name, a literal, something in brackets, a closure or `new`."""
        raise NotImplementedError

    def label_follows(self) -> bool:
        """Say whether `name:` comes next, the name possibly quoted or in brackets."""
        if self.kind in (Kind.IDENT, Kind.NUMBER, Kind.STRING) or self.kind in KEYWORDS:
            return self.peek() == ":"
        if self.kind in ("(", "[", "{", Kind.STRING_START):
            return self.kind_at(self.behind_brackets(self.index)) == ":"
        return False

    def label(self) -> str | Expression:
        """Read the name before a colon, and the colon."""
        token = self.token
        name: str | Expression
        if self.kind in ("(", "[", "{", Kind.STRING_START):
            name = self.primary()
        else:
            self.advance()
            name = str(token.value) if token.kind == Kind.STRING else token.text
        self.match(":")
        return name

    def argument_list(self) -> tuple[tuple[Expression, ...], tuple[NamedArgument, ...]]:
        """Read the arguments up to the closing bracket: those without a name, and those with one."""
        positional: list[Expression] = []
        named: list[NamedArgument] = []
        if self.kind in (")", "]"):
            return (), ()
        self._argument(positional, named)
        if self.kind == ";":
            while self.accept(";"):
                if self.kind not in (";", ")", "]"):
                    positional.append(self.strict_expression())
        elif self.kind not in (",", ")", "]"):
            # Groovy has looked at the token behind as well: one that is none comes first.
            self.peek()
            raise unexpected(self.token)
        has_trailing_comma = False
        while self.kind == ",":
            comma = self.advance()
            if self.kind in (",", ")", "]"):
                if has_trailing_comma:
                    raise unexpected(comma)
                has_trailing_comma = True
            else:
                self._argument(positional, named)
        if self.kind not in (")", "]"):
            self.peek()
        return tuple(positional), tuple(named)

    def _argument(self, positional: list[Expression], named: list[NamedArgument]) -> None:
        start = self.token
        if self.kind in (Kind.IDENT, Kind.STRING, Kind.NUMBER) and self.peek() == Kind.EOF:
            raise unexpected(start)
        if self.label_follows():
            name = self.label()
            value = self.strict_expression()
            named.append(NamedArgument(self.span_from(start), name, value))
        elif self.kind == "*":
            self.advance()
            is_map = self.accept(":")
            value = self.strict_expression()
            if is_map:
                named.append(NamedArgument(self.span_from(start), "*", value))
            else:
                positional.append(Spread(self.span_from(start), value))
        else:
            positional.append(self.strict_expression())
        if self.kind == ":":
            raise GroovySyntaxError(
                "illegal colon after argument expression;\n   solution: a complex label expression before a colon "
                "must be parenthesized",
                self.token.line,
                self.token.column,
            )
