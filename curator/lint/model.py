"""What lint reads and what it says: rows in splits in data sets, and findings about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from curator.model import CallClass, Message, Problem, Severity, ToolCall, ToolSpec, Turn, call_class
from curator.parsing.python_code import python_tool_names
from curator.text import one_line

SplitName = Literal["train", "valid", "test", "all"]
"""``all`` is a file that belongs to no division into splits."""

_STATE = re.compile(r"\s*(?:ONTOLOGY|STATE):")
_CODE_TOOLS = ("execute_code", "execute_python", "run_python", "python", "ipython", "code_interpreter")
_EXCERPT = 70
_CODE_ARGUMENTS = ("code", "script", "source")


class Place(Struct, frozen=True):
    """Where something stands: the file as the user would write it, and the 1-based line."""

    file: str
    line: int
    text: str = ""
    """How the row begins, where a finding names it as an example."""


class Failure(Struct, frozen=True):
    """A row, or a whole file (line 0), that could not be read, and why."""

    code: str
    message: str
    place: Place


@dataclass(eq=False)
class Row:
    """One row of a data set: a dialogue with the turns that it trains."""

    place: Place
    messages: tuple[Message, ...]
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
    tier: str = ""
    repaired: frozenset[str] = frozenset()
    """Codes of what the reader had to mend."""
    tokens: tuple[str, ...] = ()
    """Special tokens that stand in the texts as they are in the file."""
    rejected: str = ""
    """What other candidates say; it is compared, but not judged."""
    is_template: bool = False
    """Whether the row is one text that a chat template wrote already."""

    @cached_property
    def system(self) -> str | None:
        """The first system message, ``None`` where there is none."""
        return next((m.content for m in self.messages if m.role in ("system", "developer")), None)

    @cached_property
    def prompt(self) -> str:
        """The first user message: what the row asks."""
        return next((m.content.strip() for m in self.messages if m.role == "user"), "")

    @property
    def state(self) -> str:
        """The system prompt where it holds the state that the answer depends on, else nothing."""
        return self.system if self.system and _STATE.match(self.system) else ""

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """Equal for rows with the same messages."""
        said = tuple(
            (m.role, m.content.strip(), m.thinking, tuple((c.name, str(c.arguments)) for c in m.tool_calls))
            for m in self.messages
        )
        return (said, self.rejected)

    @cached_property
    def calls(self) -> tuple[ToolCall, ...]:
        """Every call of its turns, in order."""
        return tuple(call for turn in self.turns for call in turn.output.tool_calls)

    @cached_property
    def problems(self) -> tuple[tuple[Turn, Problem], ...]:
        """Every problem of its turns."""
        return tuple((turn, problem) for turn in self.turns for problem in turn.output.problems)

    @cached_property
    def syntaxes(self) -> frozenset[str]:
        """Ids of the syntaxes that its calls are written in."""
        return frozenset(call.syntax or "openai" for call in self.calls)

    @cached_property
    def tool_names(self) -> tuple[str, ...]:
        """The tools it calls, each once; of Python handed to an interpreter, the tools in the code."""
        return tuple(dict.fromkeys(name for call in self.calls for name in _names(call)))

    @cached_property
    def attempts(self) -> bool:
        """Whether it holds a call, read or not."""
        return bool(self.calls) or any(p.code in UNREADABLE for _, p in self.problems)

    @cached_property
    def answers(self) -> str:
        """What the assistant writes in all its turns."""
        return "\n".join(turn.raw for turn in self.turns)

    @cached_property
    def text(self) -> str:
        """Everything but the system prompt, for comparisons."""
        spoken = [_spoken(m) for m in self.messages if m.role not in ("system", "developer")]
        return "\n".join([*spoken, self.rejected] if self.rejected else spoken)

    def excerpt(self) -> str:
        """Return the beginnings of the question and of the answer, on one line."""
        question, answer = one_line(self.prompt, _EXCERPT), one_line(self.answers, 2 * _EXCERPT)
        return f"{question} → {answer}"

    @property
    def call_class(self) -> CallClass:
        """The composition class of the turn with the most calls."""
        return call_class(max((turn.output.tool_calls for turn in self.turns), key=len, default=()))


UNREADABLE = frozenset(("invalid_json", "unclosed", "missing_name", "malformed"))
"""Codes of problems that stand for an attempt to call."""


def _names(call: ToolCall) -> tuple[str, ...]:
    if call.name in _CODE_TOOLS:
        for key in _CODE_ARGUMENTS:
            if isinstance(code := call.arguments.get(key), str) and (inner := python_tool_names(code)):
                return inner
    return (call.name,)


def _spoken(message: Message) -> str:
    calls = "".join(f"\n{call.name} {call.arguments}" for call in message.tool_calls)
    return f"{message.thinking or ''}{message.content}{calls}"


@dataclass(eq=False)
class Split:
    """One file of a data set."""

    name: SplitName
    path: Path
    shown: str
    format: str = ""
    rows: list[Row] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    is_session_log: bool = False
    """Whether it is one of many small logs, which make up a data set together."""
    null_messages: list[Place] = field(default_factory=list)
    """Rows whose ``messages`` is null."""

    @property
    def size(self) -> int:
        """How many rows the file has, readable or not."""
        return len(self.rows) + sum(1 for failure in self.failures if failure.place.line)


@dataclass(eq=False)
class DataSet:
    """The files that are trained, validated and tested on together."""

    name: str
    folder: Path
    splits: list[Split]
    is_first: bool = True
    """Whether it is the first of its folder; files that stand beside the data are judged with that one."""

    @cached_property
    def rows(self) -> list[Row]:
        """All rows, training data first."""
        return [row for split in self.splits for row in split.rows]

    @property
    def is_divided(self) -> bool:
        """Whether it has training data and something held out."""
        return bool(self.train) and any(split.name not in ("train", "all") for split in self.splits)

    @cached_property
    def train(self) -> list[Row]:
        """The rows that are trained on."""
        return [row for split in self.splits if split.name in ("train", "all") for row in split.rows]

    def held_out(self) -> Iterator[Split]:
        """Yield the splits that are not trained on."""
        return (split for split in self.splits if split.name not in ("train", "all"))

    def split_of(self, row: Row) -> Split:
        """Return the split that a row stands in."""
        return self._owners[row.place.file]

    @cached_property
    def _owners(self) -> dict[str, Split]:
        return {split.shown: split for split in self.splits}


class LintFinding(Struct, frozen=True):
    """A defect of a data set: how often, where, and what to do."""

    code: str
    severity: Severity
    count: int
    message: str
    files: tuple[str, ...] = ()
    examples: tuple[Place, ...] = ()
    unit: str = "rows"
    """What ``count`` counts."""
    title: str = ""
    advice: str = ""
    dataset: str = ""
    details: tuple[dict[str, Any], ...] = ()
    """The numbers behind the message."""

    @property
    def counted(self) -> str:
        """The unit in the number that ``count`` asks for."""
        return self.unit.removesuffix("s") if self.count == 1 else self.unit

    def shown(self, file: str) -> str:
        """Return a file as it is called within the data set."""
        return Path(file).name if file == self.dataset else file.removeprefix(f"{self.dataset}/")


class FileSummary(Struct, frozen=True):
    """A file that was read."""

    path: str
    rows: int
    split: str = ""
    format: str = ""
    dataset: str = ""
    failed: int = 0
    """Rows that could not be read."""


class Composition(Struct, frozen=True):
    """What the rows of one split are made of; the numbers are rows."""

    dataset: str
    split: str
    path: str
    rows: int
    classes: dict[str, int]
    syntaxes: dict[str, int]
    tools: dict[str, int]
    system_prompts: int
    """Different ones."""
    without_system: int


class LintReport(Struct, frozen=True):
    """Everything that lint has to say."""

    files: tuple[FileSummary, ...]
    findings: tuple[LintFinding, ...]
    notes: tuple[str, ...] = ()
    """What could not be checked, and why."""
    composition: tuple[Composition, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)
