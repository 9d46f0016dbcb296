from __future__ import annotations

import base64
import json

import pytest

from curator.images import Image, images, without_images

BYTES = bytes(range(256)) * 5 + b"x"
DATA = base64.b64encode(BYTES).decode()


@pytest.mark.parametrize(
    ("part", "kind", "size", "address"),
    [
        ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}}, "png", 1281, ""),
        ({"type": "input_image", "image_url": f"data:image/webp;base64,{DATA}"}, "webp", 1281, ""),
        (
            {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
            "",
            None,
            "https://x.test/a.png",
        ),
        (
            {"source": {"type": "base64", "media_type": "image/jpeg", "data": DATA}, "type": "image"},
            "jpeg",
            1281,
            "",
        ),
        ({"type": "image", "source": {"type": "file", "file_id": "f1"}}, "", None, "f1"),
    ],
)
def test_images_of_every_form_are_told(part: dict, kind: str, size: int | None, address: str) -> None:
    text = f'Look {{"at": this}}: {json.dumps(part)} and say.'
    [image] = images(text)
    assert (image.kind, image.size, image.address) == (kind, size, address)
    assert json.loads(text[image.start : image.end]) == part
    assert without_images(text) == 'Look {"at": this}:  and say.'


@pytest.mark.parametrize(
    "text", ["", "no image", '{"type": "image', '{"image": 1} {"type": "text"}', '{"a' * 50]
)
def test_what_is_no_image_stays_text(text: str) -> None:
    assert images(text) == [] and without_images(text) == text


def test_several_images_keep_their_order() -> None:
    one = json.dumps({"type": "image", "image": "a.png"})
    assert images(one + " " + one) == [
        Image(0, len(one), address="a.png"),
        Image(len(one) + 1, 2 * len(one) + 1, address="a.png"),
    ]
