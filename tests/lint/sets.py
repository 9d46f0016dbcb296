from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from curator.lint import LintFinding, LintReport, lint

WORDS = Path(__file__).with_name("words.txt").read_text("utf-8").split()


def sentence(number: int, length: int = 8) -> str:
    """Return words that no other number gives in this order, and no digits."""
    return " ".join(random.Random(number).choices(WORDS, k=length))


def hermes(name: str, /, **arguments: Any) -> str:
    return "<tool_call>\n" + json.dumps({"name": name, "arguments": arguments}) + "\n</tool_call>"


def chat(*spoken: str, system: str | None = "You run a home.") -> list[dict[str, Any]]:
    """Return messages: user and assistant in turn."""
    first = [{"role": "system", "content": system}] if system is not None else []
    roles = ("user", "assistant")
    return first + [{"role": roles[at % 2], "content": text} for at, text in enumerate(spoken)]


def plain(number: int, *, system: str | None = "You run a home.", **fields: Any) -> dict[str, Any]:
    """Return a row without a call."""
    messages = chat(f"Ask {sentence(number)}?", f"Say {sentence(number + 1000, 12)}.", system=system)
    return {"messages": messages, **fields}


def row(*spoken: str, **fields: Any) -> dict[str, Any]:
    """Return a row of these messages, user and assistant in turn."""
    return {"messages": chat(*spoken), **fields}


def calling(number: int, tool: str = "set_light") -> dict[str, Any]:
    """Return a row with one call, its result and the answer."""
    messages = chat(f"Do {sentence(number)}!", hermes(tool, room=sentence(number, 3)))
    messages += [{"role": "tool", "content": f"{sentence(number + 300, 4)} is on"}]
    messages += [{"role": "assistant", "content": f"Done with {sentence(number + 600, 9)}."}]
    return {"messages": messages}


def mixed(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return rows of which half have a call."""
    return [calling(n) if n % 2 else plain(n) for n in range(start, start + count)]


def write(folder: Path, **splits: Iterable[Any]) -> Path:
    """Write JSON lines; a name stands for ``name.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in splits.items():
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return folder


def divided(folder: Path, extra: Iterable[Any] = (), held: Iterable[Any] = ()) -> Path:
    """Write a set without defects, and what comes on top of it."""
    return write(folder, train=[*mixed(60), *extra], valid=[*mixed(10, 200), *held], test=mixed(10, 400))


def found(report: LintReport, code: str) -> list[LintFinding]:
    return [finding for finding in report.findings if finding.code == code]


def only(path: Path, code: str, **options: Any) -> LintFinding:
    """Return the one finding of a code, and fail where there is none or another number."""
    (finding,) = found(lint([path], **options), code)
    return finding


def codes(path: Path, **options: Any) -> list[str]:
    return [finding.code for finding in lint([path], **options).findings]
