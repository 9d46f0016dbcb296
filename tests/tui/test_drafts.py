from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.text import display_text
from curator.tui.blocks import marked, merged
from curator.tui.commands import AREAS, Command, commands, keys_markdown
from curator.tui.screens.picker import ranked
from tests.shared import ROOT
from tests.tui.workspaces import TOOLS


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=5))
def test_marks_add_nothing_but_marks(text: str, spans: list[tuple[int, int]]) -> None:
    plain = "".join(c for c in text if c not in "▌▐")
    shown = marked(plain, spans).plain
    assert shown.replace("▌", "").replace("▐", "") == display_text(plain)
    assert shown.count("▌") == len(merged(spans, len(plain)))


def test_the_picker_prefers_names() -> None:
    assert [tool.name for tool in ranked(TOOLS, "")] == [tool.name for tool in TOOLS]
    assert ranked(TOOLS, "timer")[0].name == "timer.start"
    assert ranked(TOOLS, "temperature")[0].name == "heating.set"
    assert ranked(TOOLS, "zzz") == []


def test_every_command_has_a_key_an_action_and_a_sentence() -> None:
    for command in Command.__subclasses__():
        assert command.keys and command.action and command.area in AREAS
        assert command.doc().endswith("."), command
        assert f"| {command.title()} |" in keys_markdown()
    for area in AREAS:
        keys = [key for c in (*commands(area), *commands("Everywhere")) for key in c.keys]
        assert area == "Everywhere" or len(keys) == len(set(keys))


def test_the_page_of_keys_is_up_to_date() -> None:
    """When it is not: write what `keys_markdown` returns into `docs/keys.md`."""
    assert (ROOT / "docs" / "keys.md").read_text("utf-8") == keys_markdown()
