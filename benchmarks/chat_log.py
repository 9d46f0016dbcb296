"""Writes the log of a chat proxy, as large as wanted and the same for the same seed.

A line is one request with the whole history of its session, the new answer last, and the tools on offer.
Sessions run side by side. Some answers are defective and some lines torn, as in logs of agents at work.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

Style = Literal["proxy", "agent", "conversations"]

_STREAM_WORDS = 1_000_000
_OPEN_SESSIONS = 8
_REQUESTS = (1, 2, 3, 4, 5, 6)
_REQUEST_WEIGHTS = (36, 26, 17, 11, 6, 4)
_AGENT_REQUESTS = (10, 40)
"""Sessions of an agent at work are longer than those of the log that has 1.4 kB a line."""
_TORN = 0.0003
_LONG_PROMPT = (2700, 2800)
"""Words of a long system prompt, about 17 kB."""
_LONG_PROMPTS = 6
_DEEP_THOUGHT = (60, 240)
_STARTED = 1_760_000_000
_BUFFER_LINES = 500

_TOOLS: dict[str, dict[str, str]] = {
    "read_file": {"path": "string"},
    "write_file": {"path": "string", "text": "string"},
    "run_command": {"text": "string"},
    "search": {"text": "string", "limit": "integer"},
    "list_files": {"path": "string"},
    "fetch_page": {"url": "string"},
    "query_database": {"text": "string", "limit": "integer"},
    "send_message": {"text": "string"},
    "create_issue": {"text": "string"},
    "apply_patch": {"path": "string", "text": "string"},
    "show_lines": {"path": "string", "limit": "integer"},
    "ask_user": {"text": "string"},
}
_UNKNOWN_TOOL = "open_browser"
_KINDS = ("call", "two calls", "text", "unclosed", "broken", "unknown")
_KIND_WEIGHTS = (61.0, 12.0, 23.0, 1.4, 1.4, 1.2)
_PERSONAS = (
    "You work on the project {} with tools.",
    "You are the coding agent of {}. Call a tool or answer.",
    "You research for {}; cite what you read.",
    "You answer tickets about {}. Be brief.",
)


class Written(NamedTuple):
    """What was written to a log."""

    lines: int
    generations: int
    """Answers that the lines record for the first time; those of torn lines are among them."""
    size: int
    """Bytes."""


class Words:
    """Texts cut from one long stream of 2 000 words with Zipf weights, escaped for a JSON string.

    A cut costs its length alone, which is what makes a gigabyte quick to write.
    """

    def __init__(self, rng: random.Random, *, plain: bool = False) -> None:
        words = _vocabulary(rng)
        if not plain:
            words[40::97] = [f'"{word}"' for word in words[40::97]]
            words[60::89] = [f"{word}é" for word in words[60::89]]
        escaped = [json.dumps(word, ensure_ascii=False)[1:-1] for word in words]
        weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
        chosen = rng.choices(escaped, cum_weights=weights, k=_STREAM_WORDS)
        self._text = " ".join(chosen)
        self._starts = array("I", itertools.accumulate((len(word) + 1 for word in chosen), initial=0))
        self._random = rng.random

    def cut(self, least: int, most: int) -> str:
        """Return so many words in a row, from anywhere in the stream."""
        count = least + int(self._random() * (most - least + 1))
        start = int(self._random() * (_STREAM_WORDS - count))
        return self._text[self._starts[start] : self._starts[start + count] - 1]


def _vocabulary(rng: random.Random) -> list[str]:
    """Return 2 000 words; as in a language, frequent ones are short."""
    syllables = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
    words: set[str] = set()
    while len(words) < 2000:
        words.add("".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3, 3, 4)))))
    return sorted(sorted(words), key=lambda word: len(word) + 6 * rng.random())


@dataclass(slots=True)
class _Session:
    name: str
    tools: str
    offered: tuple[str, ...]
    history: str
    left: int
    results: int = 0
    """Calls of the last answer, which wait for their results."""


class ChatLog:
    """An endless log; each ``write`` goes on where the last one stopped, with the sessions that are open.

    ``long_prompts`` is the share of sessions that begin with one of a few system prompts of 17 kB,
    ``deep`` the share of answers that are thought about at length, ``requests`` the least and the most
    requests of a session where the style's own number is not wanted.
    """

    def __init__(
        self,
        seed: int = 5,
        *,
        style: Style = "proxy",
        ids: bool = True,
        long_prompts: float = 0.0,
        deep: float = 0.0,
        requests: tuple[int, int] | None = None,
    ) -> None:
        self._style = style
        self._long_prompts, self._deep = long_prompts, deep
        self._span = requests or (_AGENT_REQUESTS if style == "agent" else None)
        self._rng = random.Random(seed)
        self._words, self._plain = Words(self._rng), Words(self._rng, plain=True)
        self._toolsets = [tuple(self._rng.sample(list(_TOOLS), size)) for size in (3, 3, 4) for _ in range(8)]
        self._projects = [self._plain.cut(1, 2) for _ in range(30)]
        self._manuals = [self._words.cut(*_LONG_PROMPT) for _ in range(_LONG_PROMPTS if long_prompts else 0)]
        self._kinds = self._many_kinds()
        self._ids, self._seed = ids, seed
        self._sessions = self._requests = 0
        self._rows = self._conversation_rows() if style == "conversations" else self._proxy_rows()

    def write(
        self, path: Path, *, turns: int | None = None, size: int | None = None, append: bool = False
    ) -> Written:
        """Write lines until there are so many new answers or bytes, whichever comes first."""
        lines = generations = written = 0
        with path.open("ab" if append else "wb") as file:
            while (turns is None or generations < turns) and (size is None or written < size):
                count = _BUFFER_LINES
                if turns is not None:
                    count = min(count, max(1, (turns - generations) // (self._span or _REQUESTS)[-1]))
                rows = list(itertools.islice(self._rows, count if size is None or size > 2e6 else 1))
                written += file.write("".join(row for row, _ in rows).encode())
                lines += len(rows)
                generations += sum(answers for _, answers in rows)
        return Written(lines, generations, written)

    def _proxy_rows(self) -> Iterator[tuple[str, int]]:
        """Yield a line per request, from a few sessions at a time, and the one answer it adds."""
        sessions = [self._open() for _ in range(_OPEN_SESSIONS)]
        while True:
            at = int(self._rng.random() * _OPEN_SESSIONS)
            self._request(sessions[at])
            yield self._line(sessions[at]), 1
            if not sessions[at].left:
                sessions[at] = self._open()

    def _conversation_rows(self) -> Iterator[tuple[str, int]]:
        """Yield a line per session and the number of its answers."""
        while True:
            session = self._open()
            answers = session.left
            while session.left:
                self._request(session)
            yield self._line(session), answers

    def _open(self) -> _Session:
        self._sessions += 1
        offered = self._rng.choice(self._toolsets)
        system = self._rng.choice(_PERSONAS).format(self._rng.choice(self._projects))
        if self._long_prompts and self._rng.random() < self._long_prompts:
            system = self._rng.choice(self._manuals)
        return _Session(
            name=f"s{self._seed}-{self._sessions:07d}",
            tools=_tool_list(offered),
            offered=offered,
            history=_message("system", system),
            left=self._rng.randint(*self._span)
            if self._span
            else self._rng.choices(_REQUESTS, _REQUEST_WEIGHTS)[0],
        )

    def _request(self, session: _Session) -> None:
        """Add what the user or the tools said, and the answer to it."""
        session.left -= 1
        if session.results:
            said = [_message("tool", self._result()) for _ in range(session.results)]
        else:
            said = [_message("user", self._words.cut(3, 10))]
        answer, session.results = self._answer(session.offered)
        session.history = ",".join((session.history, *said, _message("assistant", answer)))

    def _result(self) -> str:
        chance = self._rng.random()
        if chance < 0.06:
            return f"Error: no such file: {self._path()}"
        if chance < 0.4:
            return f'{{\\"status\\": \\"ok\\", \\"found\\": {int(chance * 900)}}}'
        return f"{self._words.cut(2, 6)}\\n{self._words.cut(2, 6)}"

    def _answer(self, offered: tuple[str, ...]) -> tuple[str, int]:
        """Return an answer, escaped, and how many results it waits for."""
        kind, tool = next(self._kinds), offered[int(self._rng.random() * len(offered))]
        thought = self._thought()
        if kind == "text":
            return f"<think>\\n{thought}\\n</think>\\n\\n{self._words.cut(3, 12)}.", 0
        thought = f"<think>\\n{thought}, so {tool}.\\n"
        if kind == "unclosed":
            return thought, 0
        thought += "</think>\\n\\n"
        if kind == "two calls":
            other = offered[int(self._rng.random() * len(offered))]
            return f"{thought}{self._call(tool)}\\n{self._call(other)}", 2
        if kind == "broken":
            return thought + self._call(tool).replace("}}\\n", "}\\n"), 1
        return thought + self._call(_UNKNOWN_TOOL if kind == "unknown" else tool), 1

    def _thought(self) -> str:
        if self._deep and self._rng.random() < self._deep:
            return self._words.cut(*_DEEP_THOUGHT)
        return self._words.cut(4, 14)

    def _call(self, tool: str) -> str:
        return _CALLS[tool] % {
            "path": self._path(),
            "text": self._plain.cut(1, 4),
            "limit": int(self._rng.random() * 500),
            "url": f"https://{self._plain.cut(1, 1)}.example/{self._plain.cut(1, 1)}",
        }

    def _path(self) -> str:
        return f"src/{self._plain.cut(1, 1)}/{self._plain.cut(1, 1)}.py"

    def _line(self, session: _Session) -> str:
        self._requests += 1
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_STARTED + self._requests * 2))
        ids = f'"session_id":"{session.name}","id":"r{self._requests:08d}",' if self._ids else ""
        line = (
            f'{{{ids}"model":"local-4b-instruct","timestamp":"{moment}",'
            f'"messages":[{session.history}],"tools":{session.tools}}}\n'
        )
        return line if self._rng.random() > _TORN else line[: int(len(line) * self._rng.random())] + "\n"

    def _many_kinds(self) -> Iterator[str]:
        weights = list(itertools.accumulate(_KIND_WEIGHTS))
        while True:
            yield from self._rng.choices(_KINDS, cum_weights=weights, k=10_000)


def _message(role: str, escaped: str) -> str:
    return f'{{"role":"{role}","content":"{escaped}"}}'


def _tool(name: str) -> dict[str, object]:
    properties = {field: {"type": kind} for field, kind in _TOOLS[name].items()}
    parameters = {"type": "object", "properties": properties, "required": list(properties)[:1]}
    function = {"name": name, "description": name.replace("_", " ").capitalize(), "parameters": parameters}
    return {"type": "function", "function": function}


def _tool_list(names: tuple[str, ...]) -> str:
    return "[" + ",".join(_TOOL_TEXTS[name] for name in names) + "]"


def _call_template(name: str, fields: dict[str, str]) -> str:
    """Return the text of a call, escaped for a JSON string, with a mark where each value goes."""
    values = {field: "%(limit)d" if kind == "integer" else f"%({field})s" for field, kind in fields.items()}
    call = json.dumps({"name": name, "arguments": values}).replace('"%(limit)d"', "%(limit)d")
    return json.dumps(f"<tool_call>\n{call}\n</tool_call>")[1:-1]


_TOOL_TEXTS = {name: json.dumps(_tool(name), separators=(",", ":")) for name in _TOOLS}
_CALLS = {
    name: _call_template(name, fields)
    for name, fields in {**_TOOLS, _UNKNOWN_TOOL: {"url": "string"}}.items()
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--turns", type=int, help="answers to write")
    parser.add_argument("--bytes", type=float, help="size to write (default: 1e9 without --turns)")
    parser.add_argument("--style", choices=get_args(Style), default="proxy")
    parser.add_argument("--no-ids", action="store_true", help="leave out the ids of sessions and requests")
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    size = int(given.bytes) if given.bytes else None if given.turns else 10**9
    log = ChatLog(given.seed, style=given.style, ids=not given.no_ids)
    began = time.perf_counter()
    written = log.write(given.path, turns=given.turns, size=size)
    print(
        f"{written.lines:,} lines, {written.generations:,} answers, {written.size / 1e6:,.1f} MB "
        f"in {time.perf_counter() - began:.1f} s"
    )


if __name__ == "__main__":
    main()
