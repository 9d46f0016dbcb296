"""One setting is changed; whatever else stands in the user's file stays."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import CuratorError
from curator.settings import _with_setting, load_settings, save_setting, settings_path

LINES = st.lists(
    st.sampled_from(
        [
            "# my settings",
            'reviewer = "ann"',
            "",
            'theme = "curator-light"  # for the office',
            "theme = 'curator-dark'",
            '  "theme" = "x"',
            '[keys]\n"review.mark-correct" = "a" # left hand',
        ]
    ),
    unique=True,
)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_only_the_one_value_changes(lines: list[str], end: str) -> None:
    text = end.join(line.replace("\n", end) for line in lines) + end
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if "theme" in before.get("keys", {}):
        return
    after = _with_setting(text, "theme", "curator-ansi")
    assert tomllib.loads(after) == {**before, "theme": "curator-ansi"}
    assert _with_setting(after, "theme", before.get("theme", "curator-ansi")).count("#") == text.count("#")
    assert after.count(end) == text.count(end) + ("theme" not in before)


def test_a_key_of_a_table_is_not_taken_for_the_setting() -> None:
    with pytest.raises(ValueError, match="unusual"):
        _with_setting('[keys]\ntheme = "a"\n', "theme", "curator-ansi")


def test_a_file_is_made_changed_and_its_link_kept(tmp_path: Path) -> None:
    save_setting("theme", "curator-light")
    assert load_settings().theme == "curator-light"
    real = tmp_path / "dotfiles.toml"
    real.write_text('# mine\nreviewer = "bea"\n')
    settings_path().unlink()
    settings_path().symlink_to(real)
    save_setting("theme", "curator-contrast")
    assert settings_path().is_symlink()
    assert (load_settings().theme, load_settings().reviewer) == ("curator-contrast", "bea")
    assert "# mine" in real.read_text()


def test_a_file_that_is_no_toml_is_left_alone() -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("theme = \n")
    with pytest.raises(CuratorError, match="cannot be changed safely"):
        save_setting("theme", "curator-dark")
    assert settings_path().read_text() == "theme = \n"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("in the way")
    with pytest.raises(CuratorError, match="config"):
        save_setting("theme", "curator-dark")
