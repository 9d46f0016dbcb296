"""The verb check: all checks on stored turns, or the coherence of thinking and calls in a file of lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from curator.checks.support.verdicts import Verdict, verdict
from curator.cli.context import as_json, asked_profile, narrate, print_json, say, verb, workspace
from curator.cli.progress import TerminalProgress
from curator.errors import InputError
from curator.model import Finding, ToolCall, ToolSpec
from curator.parsing import tool_spec
from curator.profiles import load_profile
from curator.review.rechecking import recheck
from curator.store import Filter


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("check")(verb(check))


def check(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="Words such as tier:code.")
    ] = None,
    input: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Check lines {id, tools, thinking, content, tool_calls}; - reads standard input.",
        ),
    ] = None,
) -> None:
    """Run all checks anew on the turns of a query and print what they find."""
    if input is not None:
        if query:
            raise InputError("give a query or --input FILE, not both.")
        _check_lines(input)
        return
    home, total = workspace(), 0
    with TerminalProgress() as progress:
        for turn_id, findings in recheck(
            home.store, home.profile, Filter.parse(" ".join(query or ())), progress
        ):
            total += len(findings)
            for finding in findings:
                _print_finding(turn_id, finding)
    if progress.cancelled:
        narrate("Stopped. What was printed is stored.")
        raise typer.Exit(130)
    if not as_json():
        say(f"{total} findings.")


class _Function(msgspec.Struct):
    name: str
    arguments: dict[str, Any] | str | None = None


class _Call(msgspec.Struct):
    name: str | None = None
    arguments: dict[str, Any] | str | None = None
    function: _Function | None = None


class _Line(msgspec.Struct):
    id: Any = None
    tools: list[Any] = []
    thinking: str | None = None
    content: str | None = None
    tool_calls: list[_Call] | None = None
    aliases: dict[str, str | list[str]] = {}
    """Other words for tools, as word → tool or tool → words."""


def _check_lines(path: Path) -> None:
    """Print the verdict on every line; bad lines are told by file and line, and the exit code is then 2."""
    words = load_profile(asked_profile()).words
    bad = total = 0
    for place, line in _lines(path):
        try:
            given = msgspec.json.decode(line, type=_Line)
            calls, tools = _calls(given), _tools(given)
        except (msgspec.MsgspecError, ValueError) as error:
            narrate(
                f"{place}: {str(error).rstrip('.')}; write a JSON object with thinking, tools and tool_calls."
            )
            bad += 1
            continue
        found = verdict(given.thinking, given.content, calls, tools, {**words, **_aliases(given)})
        _print_verdict(given.id, found)
        total += 1
    if not as_json():
        say(f"{total} turns.")
    if bad:
        narrate(f"{bad} lines could not be read.")
        raise typer.Exit(2)


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    name = "standard input" if str(path) == "-" else str(path)
    try:
        stream = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.") from error
    with stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield f"{name}:{number}", line.removeprefix(b"\xef\xbb\xbf")


def _calls(given: _Line) -> tuple[ToolCall, ...]:
    """Return the calls of a line, bare or as OpenAI writes them.

    Raises:
        ValueError: A call has no name, or arguments that are no JSON object.
    """
    found = []
    for number, one in enumerate(given.tool_calls or (), 1):
        name = one.function.name if one.function else one.name
        arguments = one.function.arguments if one.function else one.arguments
        if not name:
            raise ValueError(f"call {number} has no name")
        if isinstance(arguments, str):
            arguments = msgspec.json.decode(arguments, type=dict[str, Any]) if arguments.strip() else {}
        found.append(ToolCall(name, arguments or {}))
    return tuple(found)


def _tools(given: _Line) -> tuple[ToolSpec, ...]:
    return tuple(spec for tool in given.tools if (spec := tool_spec(tool)) is not None)


def _aliases(given: _Line) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in given.aliases.items():
        if isinstance(value, str):
            found[key] = value
        else:
            found.update(dict.fromkeys(value, key))
    return found


def _print_verdict(key: Any, found: Verdict) -> None:
    if as_json():
        evidence = [msgspec.to_builtins(one) for one in found.evidence]
        print_json(
            {
                "id": key,
                "verdict": found.verdict,
                "due": list(found.due),
                "evidence": evidence,
                "message": found.message,
                "suggestion": found.suggestion,
            }
        )
    else:
        say(f"{key}  {found.verdict}{': ' * bool(found.message)}{found.message}")


def _print_finding(turn_id: int, finding: Finding) -> None:
    if as_json():
        print_json({"turn": turn_id, **msgspec.to_builtins(finding)})
    else:
        say(f"turn {turn_id}  {finding.severity:7}  {finding.check}: {finding.message}")
