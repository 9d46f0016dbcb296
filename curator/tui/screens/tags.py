"""The one-key menu of the tags that a profile names."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase, digits
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.geometry import Size

from curator.text import one_line
from curator.tui.screens.asking import Question

if TYPE_CHECKING:
    from curator.profiles import Profile

_KEYS = ascii_lowercase + digits
_TAG_WIDTH = 26
_NARROW_TAG_WIDTH = 20
_WIDE = 100
_FRAME = 4
_TITLE, _HINT = "Which tag? One key gives it, or takes it away", "✓ has it   esc  back"


class Tag(NamedTuple):
    """A tag that can be given, the key that gives it, and whether the turn has it."""

    key: str
    id: str
    meaning: str
    is_given: bool


def choices(profile: Profile, given: Sequence[str]) -> list[Tag]:
    """Return the tags of a profile, those of its coverage items and the given ones, each with its own key."""
    meanings = dict(profile.tags)
    for name, item in profile.coverage.items():
        meanings.setdefault(item.tag or name, item.title)
    for tag in given:
        meanings.setdefault(tag, "")
    keys = _keys(list(meanings))
    return [Tag(keys[tag], tag, meaning, tag in given) for tag, meaning in meanings.items() if tag in keys]


def _keys(tags: Sequence[str]) -> dict[str, str]:
    """Give each tag a letter of its own name where one is free; beyond 36 tags there are no keys left."""
    free, keys = list(_KEYS), dict[str, str]()
    for tag in tags:
        initials = "".join(word[:1] for word in tag.lower().split("_"))
        key = next((c for c in initials + tag.lower() + _KEYS if c in free), None)
        if key is not None:
            free.remove(key)
            keys[tag] = key
    return keys


def tag_question(tags: Sequence[Tag]) -> Question:
    """Return the question for a tag; its answer is the tag."""
    answers = {tag.key: tag.id for tag in tags}
    return Question(_TITLE, _HINT, "secondary", lambda size: _sized(tags, size), answers)


def _sized(tags: Sequence[Tag], size: Size) -> Content:
    return _table(tags, size.width - _FRAME, size.height - _FRAME)


def _table(tags: Sequence[Tag], width: int, height: int) -> Content:
    room = _TAG_WIDTH if width >= _WIDE else _NARROW_TAG_WIDTH
    if len(tags) <= height:
        return Content("\n").join(_line(tag, room, width - room - 8) for tag in tags)
    columns = max(1, width // (room + 8))
    rows = -(-len(tags) // columns)
    lines = ([_line(tag, room, 0) for tag in tags[row::rows]] for row in range(rows))
    return Content("\n").join(Content("  ").join(line) for line in lines)


def _line(tag: Tag, room: int, meaning: int) -> Content:
    name = one_line(tag.id, room)
    return Content.assemble(
        (f" {tag.key} ", "bold reverse $secondary"),
        (" ✓ " if tag.is_given else "   ", "bold $success"),
        (name + " " * (room - Content(name).cell_length), "bold" if tag.is_given else ""),
        (f" {one_line(tag.meaning, meaning)}" if meaning > 0 else "", "$muted"),
    )
