from __future__ import annotations

import sys
from pathlib import Path

import pytest

from curator.tui.external import NoEditorError, edited_text, editor_command


def script(folder: Path, code: str) -> dict[str, str]:
    """Return an environment whose editor runs some Python on the file."""
    path = folder / "editor.py"
    path.write_text(f"import pathlib, sys; path = pathlib.Path(sys.argv[1])\n{code}\n")
    return {"EDITOR": f"{sys.executable} '{path}'"}


def test_visual_comes_first_and_may_have_arguments() -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor_command({"VISUAL": " ", "EDITOR": "'my editor' -x"}) == ["my editor", "-x"]


@pytest.mark.parametrize("environment", [{}, {"EDITOR": ""}, {"EDITOR": "'"}])
def test_no_editor_is_said(environment: dict[str, str]) -> None:
    with pytest.raises(NoEditorError, match="EDITOR"):
        edited_text("x", "a.txt", environment)


def test_the_last_line_end_is_the_editor_s(tmp_path: Path) -> None:
    adds = script(tmp_path, "path.write_text(path.read_text() + '\\n')")
    assert edited_text("a\nb", "a.txt", adds) == "a\nb"
    assert edited_text("a\n", "a.txt", adds) == "a\n\n"


def test_what_fails_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoEditorError, match="ended with 3"):
        edited_text("x", "a.txt", script(tmp_path, "path.write_text('y'); sys.exit(3)"))
    with pytest.raises(NoEditorError, match="UTF-8"):
        edited_text("x", "a.txt", script(tmp_path, "path.write_bytes(b'\\xff')"))
    with pytest.raises(NoEditorError, match="as it was"):
        edited_text("x", "a.txt", {"EDITOR": "/nowhere/to/be/found"})
    with pytest.raises(NoEditorError, match="as it was"):
        edited_text("x", "a.txt", script(tmp_path, "path.unlink()"))


def test_nothing_of_the_text_is_run(tmp_path: Path) -> None:
    text = f"$(touch {tmp_path}/made) `touch {tmp_path}/made` \ud800"
    assert edited_text(text, "a.txt", script(tmp_path, "")) == text
    assert not (tmp_path / "made").exists()
