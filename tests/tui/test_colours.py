"""Colours: text can be read in every theme, and nothing is told by colour alone."""

from __future__ import annotations

import re

import pytest
from textual.color import Color
from textual.theme import Theme

from curator.tui.app import CuratorApp
from curator.tui.themes import ANSI, THEMES
from curator.workspace import Workspace
from tests.tui.conftest import press, settle, text

_TEXT = ("foreground", "primary", "secondary", "accent", "success", "warning", "error", "muted")


def _colours(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


def _contrast(one: Color, other: Color) -> float:
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), of relative luminances."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    parts = [part / 255 for part in color.rgb]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


OWN_COLOURS = [theme for theme in THEMES if theme is not ANSI]


@pytest.mark.parametrize("theme", OWN_COLOURS, ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme) -> None:
    colours = _colours(theme)
    for ground in ("background", "surface", "panel"):
        for name in _TEXT:
            ratio = _contrast(Color.parse(colours[ground]), Color.parse(colours[name]))
            assert ratio >= 4.5, f"{name} on {ground}: {ratio:.2f}"


def test_the_terminals_theme_uses_no_colour_of_its_own() -> None:
    own = [
        value
        for value in (ANSI.primary, ANSI.error, *ANSI.variables.values())
        if not value.startswith("ansi_")
    ]
    assert own == []


async def test_the_terminals_theme_draws_sixteen_colours(workspace: Workspace) -> None:
    app = CuratorApp(workspace, "ann", theme="curator-ansi")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        for key in ("R", "T", "B"):
            await press(app, pilot, key)
            segments = [segment for strip in app.screen._compositor.render_strips() for segment in strip]
            colours = [c for s in segments if s.style for c in (s.style.color, s.style.bgcolor) if c]
            assert {c.name for c in colours if c.triplet is not None} == set()


async def test_without_colour_the_words_are_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = CuratorApp(workspace, "ann")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        assert app.no_color
        assert re.search(r"[✗!] \w", text(app, "header"))
        await press(app, pilot, "y")
        assert "✓ correct" in text(app, "status")
        picture = app.export_screenshot()
        shades = {m.lower() for m in re.findall(r"fill: (#[0-9a-fA-F]{6})", picture)}
        window = {"#ff5f57", "#febc2e", "#28c840", "#c5c8c6"}
        assert all(s[1:3] == s[3:5] == s[5:7] for s in shades - window), shades
