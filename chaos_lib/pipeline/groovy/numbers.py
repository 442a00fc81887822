"""Numbers as Groovy writes them."""

from __future__ import annotations

NUMBER = (
    r"0[xX][0-9A-Fa-f](?:[0-9A-Fa-f_]*[0-9A-Fa-f])?[lLiIgG]?"
    r"|0[bB][01](?:[01_]*[01])?[lLiIgG]?"
    r"|[0-9](?:[0-9_]*[0-9])?(?:\.[0-9](?:[0-9_]*[0-9])?(?:[eE][+-]?[0-9](?:[0-9_]*[0-9])?)?[fFdDgG]?"
    r"|[eE][+-]?[0-9](?:[0-9_]*[0-9])?[fFdDgG]?|[fFdDlLiIgG])?"
)
"""A pattern for any of them."""


class Big(int):
    """A whole number that Groovy keeps as a BigInteger."""


_INT, _LONG = 2**31 - 1, 2**63 - 1


def number_value(text: str) -> int | float:
    """Return the value of a number as it is written."""
    digits = text.replace("_", "").lower()
    is_hex = digits.startswith("0x")
    suffix = digits[-1] if digits[-1] in ("lig" if is_hex else "fdlig") else ""
    body = digits[: len(digits) - len(suffix)]
    if is_hex:
        return int(body, 16)
    if body.startswith("0b"):
        return int(body[2:], 2)
    if suffix in ("f", "d") or "." in body or "e" in body:
        return float(body)
    is_octal = len(body) > 1 and body.startswith("0") and all(c in "01234567" for c in body)
    value = int(body, 8 if is_octal else 10)
    return Big(value) if suffix == "g" or value > _LONG else value


def java_class(value: object) -> str:
    """Return the Java class of a literal, as error messages name it."""
    if isinstance(value, bool):
        return "class java.lang.Boolean"
    if isinstance(value, int):
        return "class java.lang.Integer" if value <= _INT else "class java.lang.Long"
    if isinstance(value, float):
        return "class java.lang.Double"
    return "class java.lang.String"
