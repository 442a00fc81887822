"""Pictures and cards of images and builds, each with its twin in words."""

from __future__ import annotations

import pytest

from chaos_lib.defences.build_times import (
    DEPENDENCY_CHANGED,
    FIRST,
    SOURCE_CHANGED,
    BuildTimes,
    TimedBuild,
)
from chaos_lib.lab.builds.report import BuildReport, Layer
from chaos_lib.lab.builds.steps import BuildStep
from chaos_lib.ui import formatters, image_cards, image_plots


def report(added_mb: int = 100, elapsed_s: float = 4.0) -> BuildReport:
    layers = (
        Layer("(imported file system)", 200_000_000, is_base=True),
        Layer("RUN --mount=type=cache,target=/c pip install <b>", added_mb * 1_000_000, is_base=False),
        Layer("COPY src src", 50_000, is_base=False),
    )
    steps = (
        BuildStep(1, "[internal] load", is_cached=False),
        BuildStep(2, "[build 1/3] FROM a:1"),
        BuildStep(3, "[build 2/3] RUN --mount=type=cache,target=/c pip install x", is_cached=True),
        BuildStep(4, "[build 3/3] COPY src src", elapsed_s=0.2, output=["WARNING: odd"]),
    )
    size = sum(layer.size_bytes for layer in layers)
    return BuildReport(
        "opchaos.local/x:y", "sha256:1", "python:3.11-slim", size, layers, steps, elapsed_s, "docker build ."
    )


@pytest.fixture
def times() -> BuildTimes:
    def timed(change, used, seconds):
        return TimedBuild(change, used, report(elapsed_s=seconds))

    return BuildTimes(
        (
            timed(FIRST, False, 9.0),
            timed(SOURCE_CHANGED, False, 8.0),
            timed(SOURCE_CHANGED, True, 0.4),
            timed(DEPENDENCY_CHANGED, False, 8.5),
            timed(DEPENDENCY_CHANGED, True, 2.0),
        )
    )


def test_two_images_are_compared_in_the_headline_and_in_words():
    figure = image_plots.image_sizes({"first": report(400), "slim": report(40)})

    words = figure.get_label()
    assert words.startswith("slim: 240 MB, 40% of first (600 MB)")
    assert "first: base 200.0 MB, RUN pip install <b> 400.0 MB" in words
    assert figure.axes[0].get_title(loc="left") in words


def test_one_image_alone_says_what_its_base_weighs():
    words = image_plots.image_sizes({"only": report(100)}).get_label()

    assert words.startswith("only: 300 MB, of which the base is 200 MB")


def test_build_times_say_what_the_caches_save(times):
    figure = image_plots.build_times(times)

    assert figure.get_label().startswith("A line changed: 0.4 s instead of 8.0 s")
    assert "first: 9.0 s without, 9.0 s with the caches" in figure.get_label()
    assert len(figure.axes[0].patches) == 6


def test_a_picture_is_drawn_with_its_words_as_the_alternative(times):
    shown = formatters.figure_html(image_plots.build_times(times))

    assert shown is not None
    assert 'alt="A line changed' in shown


def test_the_card_of_a_build_shows_steps_layers_warnings_and_the_command():
    card = image_cards.build_report(report())

    assert "1 of 2 steps cached" in card.text
    assert "  cached  build: RUN pip install x" in card.text
    assert "0.2 s  build: COPY src src" in card.text
    assert "the base image python:3.11-slim" in card.text
    assert "WARNING: odd" in card.text
    assert "docker build ." in card.text
    assert "<b>" not in card.html


def test_the_card_of_the_times_names_every_build(times):
    text = image_cards.build_times(times).text

    assert "0.4 s  a line changed, with caches" in text
    assert text.count("caches") == 5
