"""What the profile tells reviewers, beside the turn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from curator.tui.blocks import BLANK, Block, heading, styled
from curator.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from curator.profiles import Profile

_WIDE = 110
_BREAK = re.compile(r"\n\s*\n|\n(?=\s*[-*•] )")
_NONE = "This profile tells reviewers nothing yet: write it under `guidelines` in profile.toml."


class GuidelinesScreen(ModalScreen[None]):
    """The guidelines over the context, so that thinking and calls stay in view; escape or G closes them."""

    CSS_PATH = "guidelines.tcss"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (_WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,G,q,enter", "dismiss", "close", show=False)]

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._profile = profile

    def compose(self) -> ComposeResult:
        """One scrolling box."""
        yield Pane("GUIDELINES", "guidelines", "esc closes")

    def on_mount(self) -> None:
        """Write the text."""
        pane = self.query_one(Pane)
        pane.show(guideline_blocks(self._profile))
        pane.focus()


def guideline_blocks(profile: Profile) -> list[Block]:
    """Return the guidelines of a profile, then what its tiers, coverage items and tags mean."""
    blocks = [Block(styled(profile.title or profile.name, "bold $primary"))]
    for words in _paragraphs(profile.guidelines) or [_NONE]:
        blocks += [BLANK, Block(styled(words))]
    tiers = {name: ": ".join(filter(None, (t.title, t.focus))) for name, t in profile.tiers.items()}
    items = {item.tag or name: item.title for name, item in profile.coverage.items()}
    for title, meanings in (("TIERS", tiers), ("ROWS MUST SHOW", items), ("TAGS", profile.tags)):
        if meanings:
            blocks += [BLANK, heading(title), *(_meaning(*pair) for pair in meanings.items())]
    return blocks


def _paragraphs(text: str) -> list[str]:
    """Join lines that were broken for the file; blank lines and list marks begin a new paragraph."""
    return [" ".join(words.split()) for words in _BREAK.split(text) if words.strip()]


def _meaning(name: str, meaning: str) -> Block:
    told = styled(meaning, "$muted")
    return Block(Content.assemble(styled(name, "$secondary"), "  ", told), Content("  "), Content("    ")[:2])
