"""The tokens of Groovy 2.4, and the names its error messages have for them."""

from __future__ import annotations

from dataclasses import dataclass


class Kind:
    """What a token is, beside the keywords and operators, whose kind is their own text."""

    EOF: str = "<EOF>"
    NEWLINE: str = "<newline>"
    IDENT: str = "<identifier>"
    NUMBER: str = "<number>"
    STRING: str = "<string>"
    STRING_START: str = "<string start>"
    STRING_MIDDLE: str = "<string middle>"
    STRING_END: str = "<string end>"
    BROKEN: str = "<broken>"


@dataclass(slots=True)
class Token:
    """One token.

    Attributes:
        kind: A `Kind`, or the text of a keyword or an operator.
        text: As error messages show it: a string's content without its quotes.
        value: The value of a string or a number; the error of a `BROKEN` token.
        start, end: Offsets into the source.
        line, column: Where it starts, from 1.
    """

    kind: str
    text: str
    value: object
    start: int
    end: int
    line: int
    column: int


KEYWORDS = frozenset(
    [
        "abstract",
        "as",
        "assert",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "class",
        "const",
        "continue",
        "def",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extends",
        "false",
        "final",
        "finally",
        "float",
        "for",
        "goto",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "int",
        "interface",
        "long",
        "native",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "short",
        "static",
        "strictfp",
        "super",
        "switch",
        "synchronized",
        "this",
        "threadsafe",
        "throw",
        "throws",
        "transient",
        "trait",
        "true",
        "try",
        "void",
        "volatile",
        "while",
    ]
)
BUILT_IN_TYPES = frozenset(["void", "boolean", "byte", "char", "short", "int", "float", "long", "double"])
MODIFIERS = frozenset(
    [
        "private",
        "public",
        "protected",
        "static",
        "transient",
        "final",
        "abstract",
        "native",
        "threadsafe",
        "synchronized",
        "volatile",
        "strictfp",
    ]
)

# Groovy's parser decides by two tokens: an opening bracket in front of one of these begins no arguments.
NO_ARGUMENT = frozenset(
    [
        "..",
        "..<",
        "?",
        "?:",
        "=",
        "==",
        "!=",
        "===",
        "!==",
        "<=>",
        "+=",
        "-=",
        "*=",
        "/=",
        "%=",
        "**=",
        "<<=",
        ">>=",
        ">>>=",
        "&=",
        "|=",
        "^=",
        "%",
        "&",
        "|",
        "^",
        "&&",
        "||",
        ">",
        ">=",
        "<=",
        "<<",
        ">>",
        ">>>",
        "=~",
        "==~",
        "**",
    ]
)

_PARAPHRASES: dict[str, str] = {
    Kind.EOF: "EOF",
    Kind.IDENT: "an identifier",
    Kind.NUMBER: "a numeric literal",
    Kind.STRING: "a string literal",
    Kind.STRING_END: "a string literal end",
    Kind.NEWLINE: "some newlines, whitespace or comments",
}


def paraphrase(kind: str) -> str:
    """Return how an error message calls a kind of token it expected."""
    known = _PARAPHRASES.get(kind)
    if known is not None:
        return known
    return f'"{kind}"' if kind in KEYWORDS else f"'{kind}'"


class GroovySyntaxError(Exception):
    """The text is no Groovy: raised and caught within the parser, never seen by a caller of `parse`.

    Attributes:
        message: In the words of Groovy 2.4.
        line, column: Where.
        is_lexical: Found while tokens were made: speculation does not survive it.
    """

    def __init__(self, message: str, line: int, column: int, *, is_lexical: bool = False) -> None:
        self.message = message
        self.line = line
        self.column = column
        self.is_lexical = is_lexical
        super().__init__(message)


def unexpected(token: Token) -> GroovySyntaxError:
    """Return the error for a token that nothing may begin with here."""
    return GroovySyntaxError(f"unexpected token: {token.text}", token.line, token.column)


def mismatched(expected: str, token: Token) -> GroovySyntaxError:
    """Return the error for a token that stands where another one must."""
    return GroovySyntaxError(
        f"expecting {paraphrase(expected)}, found '{token.text}'", token.line, token.column
    )
