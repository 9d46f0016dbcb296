"""The four themes of Curator. Every state also has a word or a mark, so that none depends on colour."""

from __future__ import annotations

from textual.theme import Theme

DEFAULT_THEME = "curator-dark"

DARK = Theme(
    name="curator-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#bb9af7",
    accent="#7dcfff",
    success="#9ece6a",
    warning="#e0af68",
    error="#f7768e",
    foreground="#c8d0ea",
    background="#14161f",
    surface="#1a1d29",
    panel="#262a3b",
    variables={"muted": "#8992b2", "faint": "#3d4460", "border": "#3d4460", "border-blurred": "#2c3147"},
)
LIGHT = Theme(
    name="curator-light",
    dark=False,
    primary="#2352a8",
    secondary="#74409f",
    accent="#0b6a88",
    success="#2c6e1f",
    warning="#875300",
    error="#ae1c30",
    foreground="#22262f",
    background="#faf8f3",
    surface="#f3f0e8",
    panel="#e6e1d5",
    variables={"muted": "#5d626e", "faint": "#c9c3b4", "border": "#b9b2a1", "border-blurred": "#d8d2c4"},
)
CONTRAST = Theme(
    name="curator-contrast",
    dark=True,
    primary="#6fd3ff",
    secondary="#ffa8ff",
    accent="#6fd3ff",
    success="#4dff7c",
    warning="#ffd83d",
    error="#ff7b7b",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1f1f1f",
    variables={"muted": "#d0d0d0", "faint": "#8a8a8a", "border": "#ffffff", "border-blurred": "#9a9a9a"},
)
ANSI = Theme(
    name="curator-ansi",
    ansi=True,
    dark=True,
    primary="ansi_bright_blue",
    secondary="ansi_magenta",
    accent="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "muted": "ansi_bright_black",
        "faint": "ansi_bright_black",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
    },
)
"""Only the sixteen colours that the terminal's own theme gives."""
THEMES = (DARK, LIGHT, CONTRAST, ANSI)
