"""Base images: found in a Dockerfile, and led to the lab's own names."""

from __future__ import annotations

import pytest

from chaos_lib.lab.builds.bases import bases_of, expand, instructions, renamed

LOCAL = {"python:3.11-slim": "opchaos.local/python:3.11-slim"}


def local(name: str) -> str:
    return LOCAL.get(name, name)


@pytest.mark.parametrize(
    ("text", "images", "last"),
    [
        ("FROM python:3.11-slim\nRUN true", ("python:3.11-slim",), "python:3.11-slim"),
        (
            "ARG BASE=python:3.11-slim\nFROM ${BASE} AS a\nFROM $BASE",
            ("python:3.11-slim",),
            "python:3.11-slim",
        ),
        ("ARG V=3.11\nFROM python:${V}-slim", ("python:3.11-slim",), "python:3.11-slim"),
        ("FROM python:${V:-3.11}-slim", ("python:3.11-slim",), "python:3.11-slim"),
        ("FROM a:1 AS x\nFROM x\nRUN y", ("a:1",), "a:1"),
        ("FROM a:1 AS x\nFROM scratch\nCOPY --from=x / /", ("a:1",), ""),
        (
            "from --platform=linux/amd64 a:1 as x\nCOPY --from=b:2 / /\nCOPY --from=0 / /",
            ("a:1", "b:2"),
            "a:1",
        ),
        (
            "# FROM no:1\nFROM a:1\nRUN --mount=from=c:3,target=/x \\\n  # a word\n  true",
            ("a:1", "c:3"),
            "a:1",
        ),
        ("", (), ""),
    ],
)
def test_the_images_of_a_dockerfile_are_found(text, images, last):
    found = bases_of(text)

    assert found.images == images
    assert found.last == last


def test_given_arguments_go_before_defaults():
    assert bases_of("ARG BASE=a:1\nFROM $BASE", {"BASE": "b:2"}).images == ("b:2",)
    assert bases_of("ARG BASE=a:1\nFROM $BASE").arguments == {"BASE": "a:1"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FROM python:3.11-slim", "FROM opchaos.local/python:3.11-slim"),
        ("FROM python:3.11-slim AS build", "FROM opchaos.local/python:3.11-slim AS build"),
        ("FROM python:${V}-slim", "FROM opchaos.local/python:${V}-slim"),
        ("FROM ${BASE} AS build", "FROM ${BASE} AS build"),
        ("FROM other:1", "FROM other:1"),
        ("COPY --from=python:3.11-slim /a /b", "COPY --from=opchaos.local/python:3.11-slim /a /b"),
        ("COPY --from=build /a /b", "COPY --from=build /a /b"),
        ("# FROM python:3.11-slim", "# FROM python:3.11-slim"),
    ],
)
def test_names_are_replaced_where_the_file_itself_names_them(line, expected):
    assert renamed(line, local, {"V": "3.11", "BASE": "python:3.11-slim"}) == f"{expected}\n"


def test_instructions_are_joined_and_comments_left_out():
    text = "# a\nFROM a\n\nRUN one \\\n    # in between\n\n    two\\\n three\nCMD x \\\n"

    assert instructions(text) == ("FROM a", "RUN one two three", "CMD x")


def test_variables_are_filled_in():
    assert expand("$A-${B}-${C:-c}-${D}", {"A": "a", "B": "b"}) == "a-b-c-"
