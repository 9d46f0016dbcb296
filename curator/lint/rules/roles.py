"""Rules about messages: their roles and order, and special tokens left in their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from curator.lint.model import DataSet, LintFinding, Row
from curator.lint.registry import Context, defect, many, per_split, rule
from curator.lint.results import form, is_result, results
from curator.model import Message

_KNOWN = ("system", "developer", "user", "assistant", "tool")
_BAD_ROWS = ("bad_message", "bad_messages", "no_assistant", "null_messages")


@rule(
    "role_error",
    "Messages in wrong roles or order",
    "Let every row go system, user, assistant, with tool results in the one form that the template writes, "
    "and end with the assistant.",
)
def role_error(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Roles that trainers and templates refuse or render twice.

    Counts rows: with an unknown role or a message without one; without an answer; that begin with the
    assistant or end with another role (a transcript cut into roles by the reader is not counted); with
    a system message later on; with two user or two assistant messages in a row; with a tool message
    that no call precedes; with results in the role ``tool`` that bring their own ``<tool_response>``,
    which the template adds once more. Source: Punie (phase27_tool_responses).
    """
    kinds = {id(row): kind for row in data.rows if (kind := _wrong(row))}
    bad = [row for row in data.rows if id(row) in kinds]
    failed = [f for split in data.splits for f in split.failures if f.code in _BAD_ROWS[:3]]
    if not bad and not failed:
        return
    counted = Counter(kinds.values()) + Counter(failure.message for failure in failed)
    listed = "; ".join(f"{count} × {kind.rstrip('.')}" for kind, count in counted.most_common(4))
    places = [row.place for row in bad] + [failure.place for failure in failed]
    message = f"{many(len(places), 'row')} with wrong roles: {listed}."
    details = [{"kind": kind, "rows": count} for kind, count in counted.most_common()]
    yield defect("role_error", "error", message, places, details=details)


def _wrong(row: Row) -> str:
    roles = [message.role for message in row.messages]
    unknown = next((role for role in roles if role not in _KNOWN), None)
    if unknown is not None:
        return f"the role {unknown!r}"
    if any(result.is_tool_role and result.is_tagged for result in results(row.messages)):
        return "role tool with a <tool_response> of its own, which the template writes again"
    talk = [_part(message) for message in row.messages if message.role not in ("system", "developer")]
    if talk and talk[0] != "user":
        return f"begins with {talk[0]}"
    if any(role in ("system", "developer") for role in roles[1:] if roles[0] != "developer"):
        return "a system message after the first message"
    if roles[-1:] != ["assistant"] and "response_in_message" not in row.repaired:
        return f"ends with {roles[-1]}, so nothing is learnt from the end"
    for before, after in pairwise(talk):
        if before == after != "tool":
            return f"two messages of the role {after} in a row"
        if after == "tool" and before == "user" and "tool" in roles:
            return "a tool result without a call before it"
    return ""


def _part(message: Message) -> str:
    """Return the part that a message plays: a result that the user tells is a tool's."""
    return "tool" if is_result(message) else message.role


@rule(
    "mixed_result_forms",
    "Tool results in several forms",
    "Write all tool results in the one form that the agent's template uses.",
)
def mixed_result_forms(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Tool results that stand in different roles or between different marks within one data set.

    Counts the rows that are not in the most frequent form. Source: Punie (phase27_augmented).
    """
    forms = {id(row): {form(result) for result in results(row.messages)} for row in data.rows}
    counted = Counter(name for names in forms.values() for name in names)
    if len(counted) < 2:
        return
    (main, _), *_ = counted.most_common()
    stray = [row for row in data.rows if forms[id(row)] - {main}]
    listed = ", ".join(f"{name} {count}" for name, count in counted.most_common())
    yield defect("mixed_result_forms", "warning", f"Tool results in rows: {listed}.", stray)


@rule(
    "null_messages",
    "Rows whose messages are null",
    "Fill `messages` in, or take the field out; trainers that read it stop at such rows.",
)
def null_messages(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """Rows with ``"messages": null``, even where other fields hold a dialogue.

    Counts rows. Source: Punie (training_examples_poc).
    """
    places = [place for split in data.splits for place in split.null_messages]
    if places:
        rest = "" if data.rows else " and no other dialogue"
        message = f"{many(len(places), 'row')} with `messages`: null{rest}; trainers that read it stop."
        yield defect("null_messages", "error", message, places)


@rule(
    "special_tokens",
    "Special tokens in the texts",
    "Strip them: the template adds its own, and a token of another model is plain text to this one.",
)
def special_tokens(data: DataSet, context: Context) -> Iterable[LintFinding]:
    """End marks and role marks of chat templates left in the content of messages.

    Counts rows. Tokens that are quoted as code, and those of the ChatML that a ``text`` row consists
    of, are none. Source: glaive-function-calling (``<|endoftext|>`` in every row).
    """
    bad = [row for row in data.rows if row.tokens]
    if bad:
        counted = Counter(token for row in bad for token in row.tokens)
        listed = ", ".join(f"{token} {count}" for token, count in counted.most_common())
        message = f"{many(len(bad), 'row')} with special tokens ({per_split(data, bad)}): {listed}."
        details = [{"token": token, "rows": count} for token, count in counted.most_common()]
        yield defect("special_tokens", "error", message, bad, details=details)
