"""The base images that a Dockerfile names, and where the lab has them.

Without a registry the lab's images carry a local name: `opchaos.local/python:3.11-slim`. A build is led to them as a registry
mirror would do it: an `ARG` that holds the name gets the local one as its value, a name written into a `FROM` line is replaced in a
copy of the Dockerfile. The participant's file stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_INSTRUCTION = re.compile(r"^\s*(?P<word>[A-Za-z]+)\s+(?P<rest>.*)$")
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<plain>\w+))")
_FROM = re.compile(
    r"(?P<before>^\s*FROM\s+(?:--platform=\S+\s+)?)(?P<image>\S+)(?P<after>(?:\s+AS\s+(?P<name>\S+))?\s*)$",
    re.I,
)
_COPY_FROM = re.compile(r"(?P<before>--from=|from=)(?P<image>[^\s,]+)")


@dataclass(frozen=True)
class Bases:
    """What a Dockerfile is built on.

    Attributes:
        images: The images that it names, in order, without its own stages and `scratch`.
        last: The image that the last stage is built on, followed through the file's own stages; empty for `scratch`.
        arguments: The global arguments whose default is such an image: argument to image.
    """

    images: tuple[str, ...]
    last: str
    arguments: Mapping[str, str]


def bases_of(dockerfile: str, given: Mapping[str, str] | None = None) -> Bases:
    """Find the base images of a Dockerfile.

    Args:
        dockerfile: Its text.
        given: Values of build arguments, name to value.
    """
    values: dict[str, str] = {}
    stages: dict[str, str] = {}
    images: list[str] = []
    last = ""
    for line in instructions(dockerfile):
        match = _INSTRUCTION.match(line)
        word = match["word"].upper() if match else ""
        if word == "ARG" and match and not stages:
            for item in match["rest"].split():
                name, _, default = item.partition("=")
                values[name] = (given or {}).get(name, expand(default.strip("\"'"), values))
        found = _FROM.match(line)
        if found:
            image = expand(found["image"], values)
            last = stages.get(image.lower(), image)
            stages[(found["name"] or f"#{len(stages)}").lower()] = last
            images.append(last)
        elif word in ("COPY", "RUN"):
            images += [
                image
                for item in _COPY_FROM.finditer(line)
                if (image := item["image"]).lower() not in stages and not image.isdigit()
            ]
    named = tuple(dict.fromkeys(image for image in images if image.lower() != "scratch"))
    arguments = {name: value for name, value in values.items() if value in named}
    return Bases(named, "" if last.lower() == "scratch" else last, arguments)


def instructions(dockerfile: str) -> tuple[str, ...]:
    """Return the instructions of a Dockerfile, each on one line, without comments."""
    found: list[str] = []
    continued = ""
    for line in dockerfile.splitlines():
        text = line.strip()
        if text.startswith("#") or (continued and not text):
            continue
        if text.endswith("\\"):
            continued += text[:-1].strip() + " "
            continue
        if continued or text:
            found.append(continued + text)
        continued = ""
    return (*found, continued.strip()) if continued.strip() else tuple(found)


def expand(text: str, values: Mapping[str, str]) -> str:
    """Fill in `$NAME`, `${NAME}` and `${NAME:-default}`."""

    def value(match: re.Match[str]) -> str:
        name = match["braced"] or match["plain"]
        return values.get(name) or match["default"] or ""

    return _VARIABLE.sub(value, text)


def renamed(dockerfile: str, local_name: Callable[[str], str], arguments: Mapping[str, str]) -> str:
    """Return the Dockerfile with the images that it names itself replaced; those in arguments are left alone.

    Args:
        dockerfile: Its text.
        local_name: Gives the engine's name of an image, or the same name again.
        arguments: Values of the global arguments, name to value.
    """

    def replaced(match: re.Match[str]) -> str:
        image = match["image"]
        plain = expand(image, arguments)
        local = local_name(plain)
        # A name with a variable in the tag keeps the variable: `python:${VERSION}-slim`.
        changed = local.removesuffix(plain) + image if local.endswith(plain) else local
        rest = match.groupdict().get("after") or ""
        return f"{match['before']}{image if image.startswith('$') else changed}{rest}"

    lines = []
    for line in dockerfile.splitlines():
        if _FROM.match(line):
            lines.append(_FROM.sub(replaced, line))
        elif re.match(r"^\s*(COPY|RUN)\b", line, re.I):
            lines.append(_COPY_FROM.sub(replaced, line))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
