"""Types and declarations: how the parser tells `String x` from a command."""

from __future__ import annotations

from chaos_lib.pipeline.groovy.cursor import Cursor
from chaos_lib.pipeline.groovy.tokens import BUILT_IN_TYPES, MODIFIERS, Kind, unexpected

_FOLLOWS_A_TYPE: frozenset[str] = (
    frozenset({Kind.IDENT, Kind.STRING, "<", "[", "def", "@"}) | MODIFIERS | BUILT_IN_TYPES
)


class TypeGrammar(Cursor):
    """Reads types; looks ahead for declarations."""

    def type_spec(self) -> str:
        """Read a type with its brackets and type arguments, and return its text."""
        start = self.token
        self.plain_type()
        while self.kind == "[" and self.peek() == "]":
            self.advance()
            self.advance()
        return self.source[start.start : self.tokens[self.index - 1].end]

    def plain_type(self) -> str:
        """Read a type without brackets."""
        start = self.token
        if self.kind in BUILT_IN_TYPES:
            self.advance()
        elif self.kind == Kind.IDENT:
            self.advance()
            self._type_arguments()
            while self.kind == "." and self.peek() == Kind.IDENT:
                self.advance()
                self.advance()
                self._type_arguments()
        else:
            raise unexpected(self.token)
        return self.source[start.start : self.tokens[self.index - 1].end]

    def _type_arguments(self) -> None:
        if self.kind != "<":
            return
        behind = self.behind_type_arguments(self.index)
        if behind is not None:
            self.rewind(behind)

    def behind_type_arguments(self, index: int) -> int | None:
        """Return the index behind `<...>`, or None if it is none."""
        depth = 0
        while True:
            kind = self.kind_at(index)
            if kind == "<":
                depth += 1
            elif kind in (">", ">>", ">>>"):
                depth -= len(str(kind))
            elif kind not in (Kind.IDENT, ".", ",", "?", "extends", "super", "[", "]", Kind.NEWLINE) and (
                kind not in BUILT_IN_TYPES
            ):
                return None
            index += 1
            if depth <= 0:
                return index if depth == 0 else None

    def declaration_follows(self) -> bool:
        """Say whether a declaration comes next: modifiers and types, then a name."""
        if self.kind == Kind.IDENT and self.peek() not in _FOLLOWS_A_TYPE and self.peek() != ".":
            return False
        index, seen = self.index, 0
        while True:
            behind = self._behind_declaration_part(index)
            if behind is None:
                break
            index, seen = behind, seen + 1
        return seen > 0 and self.kind_at(index) in (Kind.IDENT, Kind.STRING)

    def _behind_declaration_part(self, index: int) -> int | None:
        kind = self.kind_at(index)
        if kind == "def" or kind in MODIFIERS:
            return self._behind_newline(index + 1)
        if kind == "@" and self.kind_at(index + 1) == Kind.IDENT:
            return self._behind_annotation(index)
        if kind in BUILT_IN_TYPES:
            return self._behind_type_suffix(index + 1)
        if kind != Kind.IDENT:
            return None
        last = index
        while self.kind_at(last + 1) == "." and self.kind_at(last + 2) == Kind.IDENT:
            last += 2
        is_type = self.tokens[last].text[:1].isupper() and self.kind_at(last + 1) in _FOLLOWS_A_TYPE
        return self._behind_type_suffix(last + 1) if is_type else None

    def _behind_type_suffix(self, index: int) -> int | None:
        if self.kind_at(index) == "<":
            behind = self.behind_type_arguments(index)
            if behind is None:
                return None
            index = behind
        while self.kind_at(index) == "[":
            index = self.behind_brackets(index)
        return index

    def _behind_annotation(self, index: int) -> int:
        index += 2
        while self.kind_at(index) == "." and self.kind_at(index + 1) == Kind.IDENT:
            index += 2
        index = self._behind_newline(index)
        if self.kind_at(index) == "(":
            index = self.behind_brackets(index)
        return self._behind_newline(index)

    def _behind_newline(self, index: int) -> int:
        return index + 1 if self.kind_at(index) == Kind.NEWLINE else index

    def skip_modifiers(self) -> bool:
        """Take `def`, modifiers and annotations; say whether there was one."""
        start = self.index
        while True:
            if self.kind == "def" or self.kind in MODIFIERS:
                self.advance()
                self.skip_newlines()
            elif self.kind == "@" and self.peek() == Kind.IDENT:
                self.rewind(self._behind_annotation(self.index))
            else:
                return self.index > start
