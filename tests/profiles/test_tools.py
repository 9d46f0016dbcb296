from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import ProfileError
from curator.model import ToolSpec
from curator.profiles import Profile, ToolSchemas, examine, load_profile, profile_tools

SCHEMA = (
    '{"$schema": "https://json-schema.org/draft/2020-12/schema", "description": "Beep.", "type": "object"}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my_tools"
    folder.mkdir()
    (folder / "VERSION").write_text("v2\n")
    (folder / "beep.json").write_text(SCHEMA)
    (folder / "notes.md").write_text("not a tool")
    return folder


def profile(version: str = "v2") -> Profile:
    return Profile("mine", tools=ToolSchemas("my_tools", version))


def test_tools_beside_the_profile(folder: Path) -> None:
    tools = profile_tools(profile(), folder.parent / "mine.toml")
    assert tools == (ToolSpec("beep", "Beep.", {"type": "object"}),)


def test_a_profile_without_tools_has_none(tmp_path: Path) -> None:
    assert profile_tools(Profile("mine"), tmp_path / "mine.toml") == ()


def test_a_new_version_is_never_used_unasked(folder: Path) -> None:
    path = folder.parent / "mine.toml"
    path.write_text('name = "mine"\n[tools]\npath = "my_tools"\nversion = "v2"\n')
    assert load_profile(path).tools is not None
    (folder / "VERSION").write_text("v3\n")
    [fault] = examine(path).faults
    assert (fault.key, fault.line) == ("tools.version", 4)
    assert "is 'v2', but" in fault.message
    assert "opt in to the new one by stating it here" in fault.message
    with pytest.raises(ProfileError, match=r"tools\.version is 'v2'"):
        profile_tools(profile(), path)
    path.write_text('name = "mine"\n[tools]\npath = "my_tools"\nversion = "v3"\n')
    assert [tool.name for tool in profile_tools(load_profile(path), path)] == ["beep"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("beep.json", "{", r"beep\.json: cannot be read as JSON"),
        ("beep.json", "[]", r'beep\.json: must be a JSON Schema with "type": "object"'),
        ("beep.json", '{"type": "string"}', "must be a JSON Schema"),
        ("VERSION", None, "has no file VERSION"),
        ("beep.json", None, r"holds no \.json file"),
    ],
)
def test_a_broken_folder(folder: Path, name: str, text: str | None, message: str) -> None:
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)
    with pytest.raises(ProfileError, match=message):
        profile_tools(profile(), folder.parent / "mine.toml")
