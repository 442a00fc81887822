from __future__ import annotations

import re

import pytest

from chaos_lib.ui import theme

# JupyterLab's own surfaces: cell output and the card itself, `--jp-layout-color0` and `--jp-layout-color1`.
_SURFACES = {"_LIGHT": ("#ffffff",), "_DARK": ("#111111", "#212121")}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", ["_LIGHT", "_DARK"])
def test_every_accent_is_readable_on_the_surfaces_of_its_theme(palette: str) -> None:
    colours = dict(re.findall(r"--oc-(\w+):(#\w{6})", getattr(theme, palette)))
    surfaces = (*_SURFACES[palette], colours["shade"])
    for name in ("good", "bad", "note", "info", "villain", "muted"):
        for surface in surfaces:
            assert contrast(colours[name], surface) >= 4.5, (name, surface)


def test_the_style_needs_nothing_from_outside_and_stops_moving_when_asked() -> None:
    assert not re.search(r"https?:|url\(|@import", theme.STYLE)
    assert "prefers-reduced-motion" in theme.STYLE
    assert ":focus-visible" in theme.STYLE


def test_the_style_follows_jupyterlab_and_has_fallbacks_for_pages_without_it() -> None:
    assert 'data-jp-theme-light="false"' in theme.STYLE
    assert re.findall(r"var\(--jp-[\w-]+\)", theme.STYLE) == []
