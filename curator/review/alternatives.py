"""Other answers to the prompt of a turn: those in the log, and those that a model is asked for now."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from curator.checks import Context, run_checks, with_tools
from curator.errors import CuratorError, MissingExtraError, RunError
from curator.exporters.rows import prompt_messages, tools_column
from curator.jobs import Progress, QuietProgress
from curator.model import Correction, Finding, Output, Taken, Turn
from curator.review.answering import answered, as_correction, logged_model
from curator.review.desk import Desk
from curator.store import Answer, now
from curator.trainer_process import EngineName, Model, require_engine, run_trainer

__all__ = ["Alternative", "Alternatives", "Asking", "Drawn", "Model", "alternatives_of", "draw"]

_GRAVE = ("error", "warning")
_encode = msgspec.json.Encoder(order="deterministic").encode


class Alternative(Struct, frozen=True):
    """One answer, and what is to be said about it."""

    turn: Turn
    """The turn with this answer in the place of the logged one."""
    findings: tuple[Finding, ...]
    violations: tuple[str, ...]
    """Why it cannot be saved as a correction as it stands."""
    taken: Taken
    settings: dict[str, Any] = {}
    """How it was drawn; empty for a logged one."""

    @property
    def id(self) -> str:
        """How people name it: ``g12`` for a generated answer, ``t34`` for that of another turn."""
        return f"g{self.taken.answer}" if self.taken.answer else f"t{self.taken.turn}"

    @property
    def correction(self) -> Correction:
        """The correction that it would be."""
        return replace(as_correction(self.turn.output), taken=self.taken)

    @property
    def calls(self) -> set[str]:
        """Names of the tools that it calls."""
        return {call.name for call in self.turn.output.tool_calls}

    @property
    def faults(self) -> tuple[int, int]:
        """How many errors and warnings stand against it; a broken schema is an error."""
        errors, warnings = (sum(f.severity == one for f in self.findings) for one in _GRAVE)
        return max(errors, len(self.violations)), warnings


class Alternatives(Struct, frozen=True):
    """The other answers to one prompt, the best first."""

    shown: tuple[Alternative, ...]
    as_logged: int = 0
    """So many more say what the logged output says."""
    copies: int = 0
    """So many more say what one of the shown ones says."""

    def find(self, id: str) -> Alternative:
        """Return the one that people call so.

        Raises:
            CuratorError: There is none.
        """
        for one in self.shown:
            if one.id == id:
                return one
        known = ", ".join(one.id for one in self.shown) or "none"
        raise CuratorError(f"this turn has no alternative {id!r}; it has {known}.")


class Asking(Struct, frozen=True):
    """How a model is asked."""

    n: int = 4
    temperature: float = 0.8
    top_p: float = 0.95
    seed: int | None = None
    """Of the first answer; ``None`` takes the first one that this turn has not seen."""
    max_tokens: int = 256
    engine: EngineName = "transformers"


class Drawn(Struct, frozen=True):
    """What came of asking."""

    new: tuple[Answer, ...] = ()
    copies: int = 0
    """Answers that this turn had already, word for word; they are not kept twice."""
    stopped: bool = False


def alternatives_of(desk: Desk, turn_id: int) -> Alternatives:
    """Return the other answers to a turn's prompt, those with the fewest faults first; each meaning once.

    Of equally good ones those come first that call what the checks named as right.

    Raises:
        CuratorError: There is no such turn.
    """
    turn = with_tools(desk.store.turns.get(turn_id), desk.profile)
    own = _meaning(turn.output, turn.raw)
    found: dict[bytes, Alternative] = {}
    as_logged = copies = 0
    for one in (*_logged(desk, turn), *_generated(desk, turn)):
        meaning = _meaning(one.turn.output, one.turn.raw)
        if meaning == own:
            as_logged += 1
        elif meaning in found:
            copies += 1
        else:
            found[meaning] = one
    named = {finding.suggestion for finding in desk.store.turns.findings(turn_id)}
    ranked = sorted(found.values(), key=lambda one: (one.faults, not one.calls & named))
    return Alternatives(tuple(ranked), as_logged, copies)


def draw(
    desk: Desk, turn_id: int, model: Model, asking: Asking | None = None, progress: Progress | None = None
) -> Drawn:
    """Have a model answer the prompt of a turn anew, and keep each answer as soon as it is there.

    What was finished stays when it is cancelled or fails.

    Raises:
        MissingExtraError: The engine is not installed; the message has the command that installs it.
        RunError: The model cannot be loaded, or the prompt is longer than it can read.
    """
    asking, progress = asking or Asking(), progress or QuietProgress()
    require_engine(asking.engine)
    turn = with_tools(desk.store.turns.get(turn_id), desk.profile)
    seed = asking.seed if asking.seed is not None else _fresh_seed(desk.store.answers.of(turn.id))
    with tempfile.TemporaryDirectory() as folder:
        out, events, prompts = (
            Path(folder) / name for name in ("out.jsonl", "events.jsonl", "prompts.jsonl")
        )
        prompts.write_bytes(msgspec.json.encode(_prompt(turn)) + b"\n")
        arguments = ["sample", *model.arguments(), "--prompts", str(prompts), "--out", str(out)]
        arguments += ["--events", str(events), "--engine", asking.engine, "--n", str(asking.n)]
        arguments += ["--temperature", str(asking.temperature), "--top-p", str(asking.top_p)]
        arguments += ["--seed", str(seed), "--max-new-tokens", str(asking.max_tokens)]
        keeper = _Keeper(desk, turn.id, model, out)
        stopped = False
        try:
            run_trainer(arguments, events, progress, model.name, keeper.take)
        except (RunError, MissingExtraError):
            # A process that is stopped while it loads may say anything for its last words.
            if not progress.cancelled:
                raise
            stopped = True
        finally:
            keeper.take()
    return Drawn(tuple(keeper.new), keeper.copies, stopped)


class _Keeper:
    """Puts the answers of a file into the store while it grows."""

    def __init__(self, desk: Desk, turn_id: int, model: Model, path: Path) -> None:
        self._desk, self._turn_id, self._model, self._path = desk, turn_id, model, path
        self._offset = 0
        self.new: list[Answer] = []
        self.copies = 0

    def take(self) -> None:
        """Keep what was finished since the last time."""
        answers = list(self._read())
        if answers:
            new = self._desk.store.answers.add(answers)
            self.new += new
            self.copies += len(answers) - len(new)

    def _read(self) -> Iterator[Answer]:
        if not self._path.is_file():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            chunk = file.read()
        whole = chunk[: chunk.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            yield self._answer(json.loads(line))

    def _answer(self, line: dict[str, Any]) -> Answer:
        settings = dict(line["settings"])
        settings["max_tokens"] = settings.pop("max_new_tokens")
        settings |= {"finish_reason": line["finish_reason"], "base_sha256": line["model"]["sha256"]}
        return Answer(
            turn=self._turn_id,
            raw=line["raw"],
            model=self._model.name,
            settings=settings,
            reviewer=self._desk.reviewer,
            at=now(),
        )


def _prompt(turn: Turn) -> dict[str, Any]:
    """Return the prompt in the form in which rows train it."""
    tools = tools_column(turn)
    return {
        "id": f"turn-{turn.id}",
        "prompt": prompt_messages(turn),
        "tools": msgspec.json.decode(tools) if tools else None,
    }


def _fresh_seed(answers: list[Answer]) -> int:
    seeds = [seed for one in answers if isinstance(seed := one.settings.get("seed"), int)]
    return max(seeds, default=-1) + 1


def _logged(desk: Desk, turn: Turn) -> Iterator[Alternative]:
    for other_id in desk.store.siblings.of(turn.id):
        if other_id == turn.id:
            continue
        other = with_tools(desk.store.turns.get(other_id), desk.profile)
        taken = Taken(turn=other_id, model=logged_model(desk.store, other))
        yield _alternative(desk, other, taken, desk.store.turns.findings(other_id))


def _generated(desk: Desk, turn: Turn) -> Iterator[Alternative]:
    context = Context(aliases=desk.profile.words, profile=desk.profile)
    for answer in desk.store.answers.of(turn.id):
        seen = answered(turn, answer, desk.profile)
        seed = answer.settings.get("seed")
        taken = Taken(answer=answer.id, model=answer.model, seed=seed if isinstance(seed, int) else None)
        one = _alternative(desk, seen, taken, run_checks(seen, context))
        yield replace(one, settings=answer.settings)


def _alternative(desk: Desk, turn: Turn, taken: Taken, findings: tuple[Finding, ...]) -> Alternative:
    wrong = list(desk.violations(turn, as_correction(turn.output)))
    if turn.output.problems:
        wrong.append("a part of it cannot be read as a call")
    return Alternative(turn, findings, tuple(wrong), taken)


def _meaning(output: Output, raw: str) -> bytes:
    """Return what two answers share that say the same: thinking, text, calls, and what could not be read."""
    broken = [raw[slice(*one.span)] if one.span else one.code for one in output.problems]
    calls = [(call.name, call.arguments) for call in output.tool_calls]
    return _encode([(output.thinking or "").strip(), (output.content or "").strip(), calls, broken])
