from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from curator.lint import lint
from curator.lint.page import page
from tests.lint.sets import divided, hermes, row, write

HOSTILE = "</style><script>alert(1)</script> {{ 7*7 }} {% raw %} \x1b[31m \u202e <img src=x onerror=alert(2)>"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def _tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.seen


def test_the_page_shows_every_finding_with_advice_and_places(tmp_path: Path) -> None:
    report = lint([divided(tmp_path, [row("Why?", "<think>\nnever ends"), row("It", "Yes. <|endoftext|>")])])
    html = page(report)
    for finding in report.findings:
        assert finding.code in html
        assert finding.title in html
    assert html.count('class="finding') == len(report.findings)
    assert "train.jsonl:61" in html
    assert "This data should not be trained on yet" in html
    assert all(f"<b>{split}</b>" in html for split in ("train", "valid", "test"))


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    html = page(lint([divided(tmp_path)]))
    tags = _tags(html)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags}
    assert not [attrs for _, attrs in tags if {"src", "href"} & attrs.keys()]
    assert "url(" not in html
    assert "@import" not in html
    assert "Nothing found." in html


def test_text_of_the_data_stays_text(tmp_path: Path) -> None:
    rows = [row(HOSTILE, f"{HOSTILE} <|endoftext|>"), row("Do", hermes(HOSTILE, room="attic"))]
    folder = write(tmp_path / "<b>set", train=rows, valid=rows)
    html = page(lint([folder]))
    assert {tag for tag, _ in _tags(html)}.isdisjoint({"script", "img"})
    assert "&lt;script&gt;" in html
    assert "{{ 7*7 }}" in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert not [attrs for _, attrs in _tags(html) if any(name.startswith("on") for name in attrs)]


def test_bars_are_shares_of_the_split(tmp_path: Path) -> None:
    html = page(lint([divided(tmp_path)]))
    widths = [float(width) for width in re.findall(r"width: ([\d.]+)%\"", html)]
    assert widths
    assert all(0 <= width <= 100 for width in widths)
    assert 50.0 in widths
