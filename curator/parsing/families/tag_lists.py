"""JSON in tags of their own: Nemotron Nano v2, Jamba, Hunyuan and Apriel, LongCat, InternLM 2.

Also Granite 20B and Granite 3, whose array follows the opener and nothing closes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from curator.model import Problem, ToolCall
from curator.parsing.json_calls import REPAIRED
from curator.parsing.registry import Delimiters, Read, Syntax, register
from curator.parsing.scan import Scan
from curator.parsing.wrapped import Wrapped, listed, written

ANSWER, ANSWER_CLOSE = "<answer>", "</answer>"

_LIST = Wrapped("tool-calls-list", "</tool_calls>")
_GRANITE = Wrapped("granite-3", starts="[")
_GRANITE_CODE = Wrapped("granite-20b-fc")


def _read_granite(scan: Scan, marker: str, at: int) -> Read | None:
    """Read an array without a close tag; with one it is that of another family."""
    if marker == "<tool_call>" and scan.find("</tool_call>", at) != -1:
        return None
    return _GRANITE.read(scan, marker, at) if scan.skip_space(at + len(marker)) < len(scan.text) else None


def _read_granite_code(scan: Scan, marker: str, at: int) -> Read | None:
    """Read one object; an array of them is mended."""
    found = _GRANITE_CODE.read(scan, marker, at)
    if found is None or not found.calls or scan.text[scan.skip_space(at + len(marker))] != "[":
        return found
    calls = tuple(replace(call, status="repaired") if call.status == "ok" else call for call in found.calls)
    problem = Problem(REPAIRED, "an array where one object belongs", (at, found.end))
    return found._replace(calls=calls, problems=(*found.problems, problem))


def _read_list(scan: Scan, marker: str, at: int) -> Read | None:
    """Read a list of calls, or drop the tag that Hunyuan puts around its answer."""
    if marker == ANSWER:
        return (
            Read(at, at + len(marker))
            if scan.text[max(0, at - 100) : at].rstrip().endswith("</think>")
            else None
        )
    if marker == ANSWER_CLOSE:
        is_last = scan.skip_space(at + len(marker)) == len(scan.text) and ANSWER in scan.text[:at]
        return Read(at, at + len(marker)) if is_last else None
    return _LIST.read(scan, marker, at)


def _render_nemotron(calls: Sequence[ToolCall]) -> str:
    return f"<TOOLCALL>{listed(calls)}</TOOLCALL>"


def _render_list(calls: Sequence[ToolCall]) -> str:
    return f"<tool_calls>{listed(calls)}</tool_calls>"


def _render_longcat(calls: Sequence[ToolCall]) -> str:
    return "\n".join(f"<longcat_tool_call>{written(call)}</longcat_tool_call>" for call in calls)


def _render_internlm(calls: Sequence[ToolCall]) -> str:
    return "\n".join(
        f"<|action_start|><|plugin|>{written(call, 'parameters')}<|action_end|>" for call in calls
    )


def _render_granite(calls: Sequence[ToolCall]) -> str:
    return f"<|tool_call|> {listed(calls)}"


def _render_granite_code(calls: Sequence[ToolCall]) -> str:
    return "\n".join(f"<function_call> {written(call)}" for call in calls)


register(
    Syntax(
        "nemotron-nano-v2",
        ("<TOOLCALL>",),
        Wrapped("nemotron-nano-v2", "</TOOLCALL>").read,
        _render_nemotron,
    )
)
register(
    Syntax(
        "tool-calls-list",
        (),
        _read_list,
        _render_list,
        families=("jamba", "hunyuan-a13b", "apriel"),
        hints=("<tool_calls>", ANSWER, ANSWER_CLOSE),
    )
)
register(
    Syntax(
        "longcat",
        ("<longcat_tool_call>",),
        Wrapped("longcat", "</longcat_tool_call>").read,
        _render_longcat,
        thinking=Delimiters("<longcat_think>", "</longcat_think>"),
    )
)
register(
    Syntax(
        "internlm2",
        ("<|action_start|><|plugin|>", "<|action_start|> <|plugin|>"),
        Wrapped("internlm2", "<|action_end|>").read,
        _render_internlm,
    )
)
register(
    Syntax(
        "granite-3",
        ("<|tool_call|>", "<tool_call>"),
        _read_granite,
        _render_granite,
        families=("granite-3.0", "granite-3.1", "granite-3.2", "granite-3.3"),
        rank=35,
        thinking=Delimiters("Here is my thought process:", "Here is my response:", is_prose=True),
    )
)
register(
    Syntax(
        "granite-20b-fc",
        ("<function_call>",),
        _read_granite_code,
        _render_granite_code,
    )
)
