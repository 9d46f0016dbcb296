"""``curator profiles`` as a user types it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ptyprocess import PtyProcessUnicode

from curator.profiles import load_profile, shipped_profiles
from curator.store.queries import QUERY_KEYS
from curator.workspace import Workspace
from tests.shared import ROOT


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "CURATOR_REVIEWER": "ann"}


def profiles(home: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "curator", "profiles", *arguments],
        capture_output=True,
        text=True,
        cwd=home,
        stdin=subprocess.DEVNULL,
        check=False,
        env=environment(home),
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_list(tmp_path: Path) -> None:
    shown = profiles(tmp_path).stdout
    for name in shipped_profiles():
        assert re.search(rf"^{name} +{re.escape(load_profile(name).title)}$", shown, re.MULTILINE)
    listed = json.loads(profiles(tmp_path, "list", "--json").stdout)
    assert [one["name"] for one in listed] == shipped_profiles()


def test_show(tmp_path: Path) -> None:
    shown = profiles(tmp_path, "show", "home-assistant").stdout
    for words in ("wrapped-json-line", "50–70 %", "already_satisfied", "get_entity_state", "lr 0.0002"):
        assert words in shown
    values = json.loads(profiles(tmp_path, "show", "home-assistant", "--json").stdout)
    assert values["bands"] == {"none": [0.5, 0.7], "one": [0.2, 0.4], "several": [0.0, 0.1]}


def test_a_workspace_shows_and_checks_its_own_profile(tmp_path: Path) -> None:
    Workspace.open(tmp_path, profile="punie", create=True)
    assert json.loads(profiles(tmp_path, "show", "--json").stdout)["name"] == "punie"
    asked = profiles(tmp_path, "show", "--json", "--profile", "tarx")
    assert json.loads(asked.stdout)["name"] == "tarx"
    (tmp_path / "mine.toml").write_text('name = "mine"\nthinkin = 1\n')
    told = profiles(tmp_path, "check", "--profile", "mine.toml", code=1).stdout
    assert "mine.toml: line 2: thinkin is not a known key; did you mean 'thinking'?" in told


def test_new_takes_the_defaults_without_a_terminal_and_never_overwrites(tmp_path: Path) -> None:
    profiles(tmp_path, "new", "mine.toml")
    text = (tmp_path / "mine.toml").read_text()
    assert load_profile(tmp_path / "mine.toml").name == "mine"
    assert "nothing is wrong" in profiles(tmp_path, "check", "mine.toml").stdout
    again = profiles(tmp_path, "new", "mine.toml", "--defaults", code=2)
    assert "is there already; nothing is ever overwritten" in again.stderr
    assert (tmp_path / "mine.toml").read_text() == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("new",), "Say where to write it"),
        (("new", "mine"), "Say where to write it"),
        (("new", "no/folder/mine.toml"), "cannot be written: No such file or directory"),
        (("chek",), "did you mean 'check'?"),
        (("check", "nowhere.toml"), "no such profile"),
        (("show", "nowhere"), "no such profile"),
    ],
)
def test_bad_usage(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in profiles(tmp_path, *arguments, code=2).stderr


def test_check_prints_every_fault_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'name = "mine"\n'
        'general = "teir:general"\n'
        "[checks]\ncoherenc = 'off'\n"
        "[gates]\nno_findings = ['malfomed']\nbands = true\nminsft = 3\n"
        "[coverage.alias]\ndetector = 'alias_resolutio'\n"
    )
    shown = profiles(tmp_path, "check", "mine.toml", code=1).stdout
    assert [line.removeprefix("mine.toml: ").split("; ")[0] for line in shown.splitlines()] == [
        "line 2: general is no query. There is no filter 'teir'. Did you mean tier? "
        f"The keys are {', '.join(QUERY_KEYS)}",
        "line 4: checks.coherenc is no check",
        "line 6: gates.no_findings[0] is no check: 'malfomed'",
        "line 7: gates.bands is switched on, but [bands] states none.",
        "line 8: gates.minsft is not a known key",
        "line 10: coverage.alias.detector is no detector: 'alias_resolutio'",
    ]
    document = json.loads(profiles(tmp_path, "check", "mine.toml", "--json", code=1).stdout)
    assert (document["path"], document["ok"], len(document["faults"])) == ("mine.toml", False, 6)
    assert {"key", "line", "message"} == set(document["faults"][0])


@pytest.mark.parametrize("name", shipped_profiles())
def test_shipped_profiles_pass(tmp_path: Path, name: str) -> None:
    assert json.loads(profiles(tmp_path, "check", name, "--json").stdout)["faults"] == []


def test_the_interview_asks_again_until_an_answer_can_be_used(tmp_path: Path) -> None:
    terminal = PtyProcessUnicode.spawn(
        [sys.executable, "-m", "curator", "profiles", "new", "mine.toml"],
        cwd=str(tmp_path),
        env=environment(tmp_path) | {"TERM": "dumb"},
        dimensions=(24, 200),
    )
    seen = ""
    for question, answer in [
        ("Name [mine]", "My agent"),
        ("Title", ""),
        ("Tiers", "code, chat"),
        ("Thinking", "sometimes"),
        ("Answer required, optional or forbidden", ""),
        ("Thinking", "required"),
        *((question, "") for question in ("Preference", "Call syntax", "Base model")),
        ("SFT rows", "40"),
        *((question, "") for question in ("without a call", "one call", "several calls", "Longest row")),
        *((question, "") for question in ("LoRA rank", "Epochs", "Learning rate", "Held-out suite")),
    ]:
        while question not in seen:
            seen += terminal.read()
        seen = seen.split(question, 1)[1]
        if question.startswith("Answer"):
            continue
        terminal.write(answer + "\r")
    with pytest.raises(EOFError):
        while True:
            seen += terminal.read()
    terminal.wait()
    assert "is written" in seen
    profile = load_profile(tmp_path / "mine.toml")
    assert (profile.name, profile.thinking) == ("My agent", "required")
    assert {name: tier.target_rows for name, tier in profile.tiers.items()} == {"code": 40, "chat": 40}
    assert profile.gates.tier_targets
