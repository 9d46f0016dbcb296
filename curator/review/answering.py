"""Reads what a model answered to the prompt of a turn, and tells whether a correction still says the same."""

from __future__ import annotations

from msgspec.structs import replace

from curator.errors import DecisionError
from curator.model import Correction, Output, Turn
from curator.parsing import parse
from curator.profiles import Profile
from curator.store import Answer, Store, same_output


def answered(turn: Turn, answer: Answer, profile: Profile) -> Turn:
    """Return the turn as it would be had the model given this answer; nothing came of it yet."""
    finish_reason = answer.settings.get("finish_reason")
    return replace(
        turn,
        raw=answer.raw,
        output=parse(answer.raw, tools=turn.tools, family=profile.syntax),
        outcomes=(),
        structured=False,
        finish_reason=finish_reason if isinstance(finish_reason, str) else None,
        model=answer.model,
        labels={},
    )


def as_correction(output: Output) -> Correction:
    """Return the correction that says what an output says; calls that cannot be used are not in it."""
    calls = tuple(replace(call, syntax="", status="ok", span=None) for call in output.tool_calls)
    return Correction(output.thinking, output.content, calls)


def logged_model(store: Store, turn: Turn) -> str:
    """Return the model that gave a logged answer, as far as the log says it."""
    return turn.model or store.turns.session(turn.id).model or ""


def traced(store: Store, profile: Profile, turn: Turn, correction: Correction) -> Correction:
    """Return the correction with the truth about the answer that it claims to be made of.

    Raises:
        CuratorError: There is no such answer.
        DecisionError: It is the answer to another prompt.
    """
    taken = correction.taken
    if taken is None:
        return correction
    if taken.answer:
        answer = store.answers.get(taken.answer)
        if answer.turn != turn.id:
            raise DecisionError(f"answer {taken.answer} is one to the prompt of turn {answer.turn}.")
        output = answered(turn, answer, profile).output
        taken = replace(taken, turn=0, model=answer.model, seed=answer.settings.get("seed"))
    else:
        other = store.turns.get(taken.turn)
        if other.id not in store.siblings.of(turn.id):
            raise DecisionError(f"turn {other.id} had another prompt.")
        output = other.output
        taken = replace(taken, model=logged_model(store, other), seed=None)
    edited = not same_output(replace(output, problems=()), correction)
    return replace(correction, taken=replace(taken, edited=edited))
