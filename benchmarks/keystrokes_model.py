"""Keystrokes and seconds for six tasks in four tools, by the keystroke-level model; prints a Markdown table.

Card, Moran and Newell, "The keystroke-level model for user performance time with interactive systems",
Communications of the ACM 23 (7), 1980, 396-410. Times of an expert without errors; reading the turn and the
answer of the system are left out, as they are the same for all or not published. The other tools are counted
at their best: every question has a hotkey, the output is pre-filled where it can be edited, nothing has to be
scrolled. They edit it as text, so a call is typed as the text that the model would have written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from curator.tui.commands import AREAS, commands

K, M, P, H = 0.28, 1.35, 1.10, 0.40
"""Key or button (average typist), mental preparation, pointing with a mouse, hand to the mouse or back."""
SKILLED_K = 0.20
"""A key for a skilled typist, the model's other usual figure."""

ARGILLA = "https://docs.argilla.io/dev/how_to_guides/annotate (Annotate your dataset, Shortcuts)"
LABEL_STUDIO = "https://labelstud.io/guide/hotkeys (Hotkeys); https://labelstud.io/tags/textarea (TextArea)"
PRODIGY = "https://prodi.gy/docs/web-app (Web Application, Keyboard shortcuts)"

VALUE = "kitchen"
TOOL = "light.toggle"
CALL = (
    '<tool_call>\n{"name": "timer.start", "arguments": {"minutes": "10", "label": "kitchen"}}\n</tool_call>'
)
_TOKEN = re.compile(r"'[^']*'|\S+")
_PLAIN = frozenset({"enter"})
"""Keys of menus and fields, which are no commands of their own."""


@dataclass(frozen=True)
class Way:
    """How a task is done in one tool: ``M``, ``P``, ``H``, ``click``, keys, and texts in quotes."""

    tool: str
    steps: str

    @property
    def keys(self) -> int:
        """Keys and buttons pressed; a modifier counts as a key."""
        return sum(_keys(token) for token in self.tokens)

    def seconds(self, key: float = K) -> float:
        """Seconds by the model."""
        times = {"M": M, "P": P, "H": H}
        return sum(times.get(token, _keys(token) * key) for token in self.tokens)

    @property
    def tokens(self) -> list[str]:
        """The steps one by one."""
        return _TOKEN.findall(self.steps)


def _keys(token: str) -> int:
    if token in ("M", "P", "H"):
        return 0
    return len(token) - 2 if token.startswith("'") else len(token.split("+"))


_EDIT = "M H P click click H"
"""Point at a word in a text, mark it with a double click, and go back to the keys."""

TASKS: dict[str, tuple[Way, ...]] = {
    "accept": (
        Way("Curator", "M y"),
        Way("Argilla", "M 1 enter"),
        Way("Label Studio", "M 1 ctrl+enter"),
        Way("Prodigy", "M a"),
    ),
    "reject with a reason": (
        Way("Curator", "M n M v"),
        Way("Argilla", "M 2 down M 2 enter"),
        Way("Label Studio", "M 2 M w ctrl+enter"),
        Way("Prodigy", "M 2 M x"),
    ),
    "fix one argument value": (
        Way("Curator", f"M e M '{VALUE}' ctrl+s"),
        Way("Argilla", f"{_EDIT} '{VALUE}' M escape enter"),
        Way("Label Studio", f"{_EDIT} '{VALUE}' M ctrl+enter"),
        Way("Prodigy", f"{_EDIT} '{VALUE}' M H P click"),
    ),
    "swap the tool": (
        Way("Curator", f"M e M ctrl+t '{TOOL[:3]}' enter M ctrl+s"),
        Way("Argilla", f"{_EDIT} '{TOOL}' M escape enter"),
        Way("Label Studio", f"{_EDIT} '{TOOL}' M ctrl+enter"),
        Way("Prodigy", f"{_EDIT} '{TOOL}' M H P click"),
    ),
    "add a missing call": (
        Way("Curator", f"M e M ctrl+n 'tim' enter M '10' enter M '{VALUE}' ctrl+s"),
        Way("Argilla", f"M H P click H M '{CALL}' M escape enter"),
        Way("Label Studio", f"M H P click H M '{CALL}' M ctrl+enter"),
        Way("Prodigy", f"M H P click H M '{CALL}' M H P click"),
    ),
    "rank two answers": (
        Way("Curator", "M left"),
        Way("Argilla", "M 1 enter"),
        Way("Label Studio", "M 1 ctrl+enter"),
        Way("Prodigy", "M 1"),
    ),
}


def unbound() -> list[str]:
    """Return keys that the model lets a reviewer press in Curator and that no command answers to."""
    bound = {key for area in AREAS for command in commands(area) for key in command.keys}
    reasons = set(_reason_keys())
    pressed = {token for ways in TASKS.values() for token in ways[0].tokens}
    return sorted(
        token
        for token in pressed
        if token not in ("M", "P", "H") and token[0] != "'" and token not in bound | reasons | _PLAIN
    )


def _reason_keys() -> Iterator[str]:
    from curator.review import REASONS

    yield from (reason.key for reason in REASONS)


def table() -> str:
    """Return the table: keys, seconds of an average typist, and of a skilled one."""
    tools = [way.tool for way in TASKS["accept"]]
    lines = [
        "| task | " + " | ".join(tools) + " |",
        "|---|" + "---|" * len(tools),
    ]
    for task, ways in TASKS.items():
        lines.append(f"| {task} | " + " | ".join(_cell(way) for way in ways) + " |")
    return "\n".join(lines)


def _cell(way: Way) -> str:
    keys = "key" if way.keys == 1 else "keys"
    return f"{way.keys} {keys}, {way.seconds():.1f} s ({way.seconds(SKILLED_K):.1f})"


def steps() -> str:
    """Return how each task is done, for who wants to check or dispute it."""
    lines = []
    for task, ways in TASKS.items():
        lines.append(f"- {task}: " + "; ".join(f"{way.tool} `{_short(way.steps)}`" for way in ways))
    return "\n".join(lines)


def _short(given: str) -> str:
    return given.replace(CALL, "the call as text").replace("\n", " ")


def main() -> None:
    print(table())
    print(f"\nK {K} s ({SKILLED_K} s), M {M} s, P {P} s, H {H} s. Steps:\n")
    print(steps())
    print(f"\nSources: Argilla {ARGILLA}; Label Studio {LABEL_STUDIO}; Prodigy {PRODIGY}.")
    if missing := unbound():
        print(f"\nNot bound in this version of Curator: {', '.join(missing)}")


if __name__ == "__main__":
    main()
