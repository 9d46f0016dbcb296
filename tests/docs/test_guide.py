from __future__ import annotations

import re

import typer.main

from curator.cli.verbs import app
from curator.ingest.registry import readers
from curator.parsing import syntaxes
from curator.store.queries import QUERY_KEYS
from tests.shared import ROOT

GUIDE = (ROOT / "docs" / "guide.md").read_text()
COMMAND = typer.main.get_command(app)


def test_every_verb_and_option_stands_in_the_guide() -> None:
    for name, command in COMMAND.commands.items():  # type: ignore[attr-defined]
        assert f"curator {name}" in GUIDE, name
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert option in GUIDE, f"{name} {option}"


def test_every_verb_of_the_guide_exists() -> None:
    known = set(COMMAND.commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"`curator (\w+)", GUIDE)) - {"VERB"}
    assert named <= known


def test_every_format_filter_and_syntax_stands_in_the_guide() -> None:
    for name in readers():
        assert f"`{name}`" in GUIDE
    for key in QUERY_KEYS:
        assert f"{key}:" in GUIDE
    for syntax in syntaxes():
        assert f"`{syntax.id}`" in GUIDE


def test_every_option_and_verb_has_help() -> None:
    for name, command in COMMAND.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert parameter.help, f"{name} {parameter.name}"
