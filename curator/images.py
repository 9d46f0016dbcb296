"""Finds the images that were shown to a model: content parts that a log holds as JSON inside a message.

Nothing is decoded, fetched or opened: only what kind of image it is and how large.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

_MOST_TRIES = 200
_KINDS = ("image_url", "input_image", "image", "image_file")
_PART = re.compile(r'\{\s*"')
_DATA = re.compile(r"data:image/([\w.+-]{1,20});base64,")
_decoder = json.JSONDecoder()


class Image(Struct, frozen=True):
    """An image in a text: where its part stands, and what is known of it."""

    start: int
    end: int
    kind: str = ""
    """Such as png; empty where the log does not say."""
    size: int | None = None
    """Bytes of the image itself; ``None`` where the log only names it."""
    address: str = ""
    """Where it is, for an image that the log only names."""


def images(text: str) -> list[Image]:
    """Return the images whose parts stand in a text, in order; overlapping nothing."""
    if '"image' not in text and '"input_image"' not in text:
        return []
    return list(_images(text))


def without_images(text: str) -> str:
    """Return a text without the parts that are images."""
    for image in reversed(images(text)):
        text = text[: image.start] + text[image.end :]
    return text


def _images(text: str) -> Iterator[Image]:
    at = 0
    for _ in range(_MOST_TRIES):
        match = _PART.search(text, at)
        if match is None:
            return
        at = match.start() + 1
        try:
            part, end = _decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(part, dict) and part.get("type") in _KINDS:
            yield _image(part, match.start(), end)
            at = end


def _image(part: dict[str, Any], start: int, end: int) -> Image:
    source = part.get("source")
    if isinstance(source, dict):
        kind = str(source.get("media_type") or "").removeprefix("image/")
        if isinstance(source.get("data"), str):
            return Image(start, end, kind, _decoded_size(source["data"]))
        return Image(start, end, kind, address=str(source.get("url") or source.get("file_id") or ""))
    given = part.get("image_url") or part.get("image") or part.get("file_id") or ""
    url = str(given.get("url") or "") if isinstance(given, dict) else str(given)
    if match := _DATA.match(url):
        return Image(start, end, match[1], _decoded_size(url[match.end() :]))
    return Image(start, end, address=url)


def _decoded_size(base64: str) -> int:
    """Return how many bytes a Base64 text stands for, without decoding it."""
    return len(base64) * 3 // 4 - base64[-2:].count("=")
