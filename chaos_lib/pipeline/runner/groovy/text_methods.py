"""Methods of Groovy's strings."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.pipeline.runner.groovy.values import Value, text


def java_replacement(replacement: str) -> str:
    """Return a replacement in Java's words (`$1`) in Python's."""
    escaped = re.sub(
        r"\\(.)", lambda found: "\\\\" if found.group(1) == "\\" else found.group(1), replacement
    )
    return re.sub(r"\$(\d)", r"\\g<\1>", escaped.replace("\\g", "\\\\g"))


def _number(value: str, kind: str, make: Callable[[str], Value]) -> Value:
    try:
        return make(value.strip())
    except (ValueError, InvalidOperation):
        raise Thrown("java.lang.NumberFormatException", f'For input string: "{value}"') from None


def _substring(value: str, start: int, end: int | None = None) -> str:
    stop = len(value) if end is None else end
    if not 0 <= start <= stop <= len(value):
        raise Thrown(
            "java.lang.StringIndexOutOfBoundsException", f"begin {start}, end {stop}, length {len(value)}"
        )
    return value[start:stop]


def _split(value: str, pattern: str | None = None, limit: int = 0) -> list[str]:
    if pattern is None:
        return value.split()
    parts = [part or "" for part in re.split(f"(?:{pattern})", value, maxsplit=max(0, limit - 1))]
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def _tokenize(value: str, separators: str = " \t\n\r\f") -> list[str]:
    return [part for part in re.split(f"[{re.escape(separators)}]", value) if part]


def _is_number(value: str) -> bool:
    try:
        return Decimal(value.strip()).is_finite()
    except InvalidOperation:
        return False


def _strip_indent(value: str) -> str:
    lines = value.split("\n")
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines)


def _strip_margin(value: str, mark: str = "|") -> str:
    return "\n".join(
        line.lstrip()[len(mark) :] if line.lstrip().startswith(mark) else line for line in value.split("\n")
    )


def formatted(pattern: str, *values: Value) -> str:
    """Format as `String.format` does."""
    try:
        return pattern.replace("%n", "\n") % tuple(
            float(value) if isinstance(value, Decimal) else value for value in values
        )
    except (TypeError, ValueError) as exc:
        raise Thrown("java.util.IllegalFormatException", str(exc)) from None


TEXT_METHODS: dict[str, Callable[..., Value]] = {
    "trim": str.strip,
    "strip": str.strip,
    "stripIndent": _strip_indent,
    "stripMargin": _strip_margin,
    "toUpperCase": lambda v: v.upper(),
    "toLowerCase": lambda v: v.lower(),
    "capitalize": lambda v: v[:1].upper() + v[1:],
    "uncapitalize": lambda v: v[:1].lower() + v[1:],
    "contains": lambda v, part: text(part) in v,
    "startsWith": lambda v, part: v.startswith(text(part)),
    "endsWith": lambda v, part: v.endswith(text(part)),
    "replace": lambda v, old, new: v.replace(text(old), text(new)),
    "replaceAll": lambda v, old, new="": re.sub(text(old), java_replacement(text(new)), v),
    "replaceFirst": lambda v, old, new="": re.sub(text(old), java_replacement(text(new)), v, count=1),
    "minus": lambda v, part: v.replace(text(part), "", 1),
    "plus": lambda v, part: v + text(part),
    "concat": lambda v, part: v + part,
    "multiply": lambda v, times: v * int(times),
    "split": _split,
    "tokenize": _tokenize,
    "readLines": lambda v: v.splitlines(),
    "length": len,
    "size": len,
    "isEmpty": lambda v: not v,
    "isBlank": lambda v: not v.strip(),
    "substring": _substring,
    "charAt": lambda v, at: _substring(v, at, at + 1),
    "indexOf": lambda v, part, start=0: v.find(part, start),
    "lastIndexOf": lambda v, part: v.rfind(part),
    "equals": lambda v, other: v == other,
    "equalsIgnoreCase": lambda v, other: isinstance(other, str) and v.lower() == other.lower(),
    "compareTo": lambda v, other: (v > other) - (v < other),
    "matches": lambda v, pattern: re.fullmatch(pattern, v) is not None,
    "toInteger": lambda v: _number(v, "int", int),
    "toLong": lambda v: _number(v, "long", int),
    "toBigDecimal": lambda v: _number(v, "decimal", Decimal),
    "toDouble": lambda v: _number(v, "double", Decimal),
    "toFloat": lambda v: _number(v, "float", Decimal),
    "toBoolean": lambda v: v.strip().lower() in ("true", "y", "1"),
    "isNumber": _is_number,
    "isInteger": lambda v: re.fullmatch(r"\s*[+-]?\d+\s*", v) is not None,
    "padLeft": lambda v, width, fill=" ": v.rjust(width, fill),
    "padRight": lambda v, width, fill=" ": v.ljust(width, fill),
    "center": lambda v, width, fill=" ": v.center(width, fill),
    "take": lambda v, count: v[: max(0, count)],
    "drop": lambda v, count: v[max(0, count) :],
    "reverse": lambda v: v[::-1],
    "toList": list,
    "count": lambda v, part: v.count(part),
    "hashCode": lambda v: _java_hash(v),
    "format": formatted,
    "getBytes": lambda v: list(v.encode()),
    "normalize": lambda v: v.replace("\r\n", "\n"),
    "denormalize": lambda v: v,
    "md5": lambda v: _digest(v, "md5"),
    "sha256": lambda v: _digest(v, "sha256"),
}


def _java_hash(value: str) -> int:
    code = 0
    for character in value:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return code - 0x100000000 if code & 0x80000000 else code


def _digest(value: str, name: str) -> str:
    # Imported here: few pipelines hash anything.
    import hashlib

    return hashlib.new(name, value.encode()).hexdigest()
