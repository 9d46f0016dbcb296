"""Mixtures of the marks of every syntax: nothing is raised, nothing is lost, and time stays linear."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.model import Output, ToolCall
from curator.parsing import RenderError, parse, render, syntaxes
from curator.parsing.registry import delimiters
from curator.parsing.tokens import STOP_TOKENS, trim_tokens
from tests.parsing.test_roundtrip import bare, declared

CALL = ToolCall("f", {"a": "x", "b": 1})
SIZE = 100_000

_MARK = re.compile(r"<[^<>\n]{1,80}>|\[/?[A-Z_]+\]|```(?:json)?|>>>\w+\n|\]<\]minimax\[>\[")
_HARMONY = re.compile(
    r"(?:<\|(?:end|call|return)\|>\s*)?(?:<\|start\|>[\w.:-]{1,100}[^<\n]{0,200})?"
    r"<\|channel\|>[^<\n]{0,250}(?:<\|constrain\|>[^<\n]{0,60})?<\|message\|>"
    r"|(?:assistant)?(?: to=[\w.-]{1,100}?)?(?:analysis|commentary|final)|<\|(?:end|call|return)\|>"
)
"""Headers of messages say what the message is; they are in no span of their own."""


def all_marks() -> list[str]:
    """Return every marker, thinking tag and tag of a written call, in a fixed order."""
    found = {mark for one in syntaxes() for mark in (*one.markers, *one.hints)}
    found |= {mark for one in syntaxes() for mark in (one.thinking.open, one.thinking.close)}
    for one in syntaxes():
        found.update(_MARK.findall(one.render([CALL])))
    return sorted(found)


MARKS = all_marks()
FRAMES = [
    *(tag for one in delimiters() for tag in (one.open, one.close)),
    *(mark for mark in MARKS if re.search(r"response|message|RESPONSE|TEXT|TOKEN|answer", mark)),
    "</seed:tool_call>",
    ">>>all\n",
    "thought\n",
    "all\n",
]
"""What only says where something begins or ends; longest first when taken out."""
JUNK = [*"\"'{}[](),:;\\`é=#\n ", "```", "f", "f(", "f(a=", "f\n", '{"a": 1}', '{"name"', "word", "\ud800"]
WHOLE = [one.render([CALL]) for one in syntaxes()]
messes = st.lists(st.sampled_from([*MARKS, *JUNK, *WHOLE]) | st.text(max_size=4), max_size=30).map("".join)
FAMILIES = [None, *(one.id for one in syntaxes())]
PREFILLS = ["", "<think>\n", "<|start|>assistant<|channel|>analysis<|message|>", ">>>"]


def uncovered(raw: str, output: Output) -> str:
    """Return the text outside every span, marks that frame something left out."""
    start, end = trim_tokens(raw)
    spans = [*output.content_spans, *([output.thinking_span] if output.thinking_span else [])]
    spans += [call.span for call in output.tool_calls if call.span]
    spans += [problem.span for problem in output.problems if problem.span]
    kept = list(raw)
    for first, last in [*spans, (0, start), (end, len(raw))]:
        kept[first:last] = " " * (last - first)
    rest = _HARMONY.sub("", "".join(kept))
    for frame in sorted([*FRAMES, *STOP_TOKENS], key=len, reverse=True):
        rest = rest.replace(frame, "")
    return rest.strip()


@settings(max_examples=800, deadline=None)
@given(raw=messes, family=st.sampled_from(FAMILIES), prefill=st.sampled_from(PREFILLS))
@example(raw=f"<tool_call>f(x={'-' * 1500}1)</tool_call>", family=None, prefill="")
@example(
    raw="<|channel|>??<|end|><|start|>assistant<|channel|>analysis<|message|>Hm.", family=None, prefill=""
)
def test_nothing_is_raised_and_nothing_is_lost(raw: str, family: str | None, prefill: str) -> None:
    output = parse(raw, family=family, prefill=prefill)
    assert uncovered(raw, output) == ""
    if output.thinking_span:
        assert (output.thinking or "") == raw[slice(*output.thinking_span)]
    assert (output.content or "") == "".join(raw[start:end] for start, end in output.content_spans)
    assert list(output.content_spans) == sorted(output.content_spans)
    spans = [call.span for call in output.tool_calls] + [problem.span for problem in output.problems]
    assert all(0 <= span[0] <= span[1] <= len(raw) for span in spans if span)


QUOTED = [*MARKS, "</parameter> in text", "{}", "[1]", "null", "007", "a\nb", "  c", "", '"', "\\n", "&lt;"]
values = (
    st.sampled_from(QUOTED) | st.lists(st.sampled_from(QUOTED), max_size=2) | st.integers() | st.booleans()
)
quoting_calls = st.builds(
    ToolCall,
    st.sampled_from(["f", "get_weather"]),
    st.dictionaries(st.sampled_from("abc"), values, max_size=3),
)


@pytest.mark.parametrize("syntax", [one.id for one in syntaxes()])
@settings(max_examples=25, deadline=None)
@given(call=quoting_calls)
def test_arguments_may_quote_any_mark(syntax: str, call: ToolCall) -> None:
    """What can be written reads back the same; the writer refuses the rest."""
    try:
        raw = render([call], syntax)
    except RenderError:
        return
    output = parse(raw, tools=declared([call]), family=syntax)
    assert bare(output.tool_calls) == bare([call])
    assert output.content is None


def drawn(seed: int) -> Callable[[int], str]:
    """Return a hostile text by its size: a lead, a unit over and over, and an end."""
    random = Random(seed)

    def some(most: int) -> str:
        return "".join(random.choice(random.choice((MARKS, JUNK))) for _ in range(random.randint(0, most)))

    lead, unit, end = some(2), some(3) or "<", some(2)
    return lambda size: lead + unit * (size // len(unit)) + end


NAMED: dict[str, Callable[[int], str]] = {
    "openers before one close": lambda size: "<tool_call>{" * (size // 12) + "</tool_call>",
    "blanks after gemma": lambda size: "<|tool_call>" + " " * size,
    "blanks after mistral": lambda size: "[TOOL_CALLS]" + " " * size + "f" + " " * size + "x",
    "blanks after a line": lambda size: '{"name":"f","arguments":{}}' + " " * size + "x",
    "blanks after harmony": lambda size: "<|channel|>" + " " * size,
    "quoted functions": lambda size: (
        "<tool_call><function=f>" + "<parameter=a><function=g></parameter>" * (size // 37)
    ),
    "quoted invokes": lambda size: (
        '<invoke name="f">' + '<parameter name="a"><invoke name="g"></parameter>' * (size // 49)
    ),
    "torn CDATA": lambda size: '<function name="f"><param name="a"><![CDATA[' + "]]>" * (size // 3),
}


@pytest.mark.parametrize("name", [*NAMED, *range(40)])
def test_time_grows_with_length_only(name: str | int) -> None:
    text = NAMED[name] if isinstance(name, str) else drawn(name)

    def seconds(size: int) -> float:
        raw = text(size)
        before = process_time()
        parse(raw)
        return process_time() - before

    small, large = (min(seconds(size) for _ in range(2)) for size in (SIZE // 4, SIZE))
    assert large < 4 * 3 * small + 0.2
