"""xLAM: a bare JSON array ``[{"name", "arguments"}]``, also in ``<tool_call>`` or a JSON fence.

Without any mark the family must be given; other syntaxes read the marked forms otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.parsing.families.fence_json import call_names
from curator.parsing.json_calls import calls_from
from curator.parsing.json_values import Invalid, load
from curator.parsing.registry import Read, Syntax, register
from curator.parsing.scan import Scan
from curator.parsing.wrapped import Wrapped, json_end, listed

ID = "xlam"
OPEN, CLOSE = "<tool_call>", "</tool_call>"

_TAGGED = Wrapped(ID, CLOSE, "[")
_ARRAY = re.compile(r"\[\s*+\{")


def read(scan: Scan, marker: str, at: int) -> Read | None:
    """Read an array of calls in tags."""
    return _TAGGED.read(scan, marker, at) if scan.family == ID else None


def bare(scan: Scan, first: int, last: int) -> Sequence[Read]:
    """Read a message of this family that ends with an array of calls."""
    at = _last_array(scan, first, last) if scan.family == ID else -1
    if at == -1:
        return ()
    end, notes = last, list[str]()
    try:
        value = load(scan.text[at:end], notes)
    except Invalid:
        return ()
    if not isinstance(value, list) or not call_names(value):
        return ()
    return (Read(at, end, *calls_from(value, scan, ID, (at, end), notes)),)


def _last_array(scan: Scan, at: int, last: int) -> int:
    """Return where the array of objects starts that ends at ``last``, or -1."""
    while match := _ARRAY.search(scan.text, at, last):
        end = json_end(scan, match.start())
        if end == last:
            return match.start()
        at = max(match.end(), end)
    return -1


register(Syntax(ID, (OPEN,), read, listed, families=("xlam-2",), rank=95, bare=bare))
