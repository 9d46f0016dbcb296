"""What the screen for reading logs says: the greeting, and the report of what was read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.paragraphs import BLANK, Block

if TYPE_CHECKING:
    from curator.ingest import IngestReport, LossCount, SourceReport

_MOST_SOURCES = 200
_MOST_UNREAD = 10
WHAT = "Curator turns the logs of your own agent into training data and adapters, decision by decision."


def greeting(is_made: bool, turns: int | None, folder: str) -> Content:
    """Say what Curator is, and what this folder has; ``turns`` is ``None`` while nobody knows."""
    place = one_line(folder, 60)
    if turns is None and not is_made:
        here = f"No workspace in {place} yet: reading a log makes one."
    elif turns is None:
        here = "opening the workspace …"
    elif not turns:
        here = f"Nothing ingested yet in {place}."
    else:
        here = f"{place} holds {_count(turns, 'turn')}. Reading adds what is new."
    return Content.assemble((WHAT, "bold"), "\n", styled(here, "$muted"))


def first_steps(demo_key: str) -> Content:
    """Say what may be typed, and what else there is to do, while nothing is."""
    parts: list[Content | str | tuple[str, str]] = [
        ("Curator reads", "bold"),
        (
            " session logs of Claude Code, Codex and entropic; chat, ShareGPT, Alpaca, TRL, mlx and Home "
            "Assistant rows; traces of OpenTelemetry and Langfuse; tables and databases.\n",
            "$muted",
        ),
        ("Every turn is kept whole.", "bold"),
        (
            " The report says what was repaired or dropped, and why. Reading again adds only what is new.",
            "$muted",
        ),
    ]
    if demo_key:
        parts += [
            "\n\n",
            (demo_key, "bold $accent"),
            (" opens the demo: the log of a small home agent, mostly reviewed, ready to train.", "$muted"),
        ]
    return Content.assemble(*parts)


def report_blocks(report: IngestReport, notes: Sequence[str], width: int) -> list[Block]:
    """Return what was read, in all and source by source, with everything that was repaired or dropped."""
    blocks = [Block(_headline(report)), Block(_totals(report))]
    blocks += [Block(styled(note, "$muted")) for note in notes]
    read = [source for source in report.sources if source.sessions or source.records]
    for source in read[:_MOST_SOURCES]:
        blocks += [BLANK, *_source(source, width)]
    if len(read) > _MOST_SOURCES:
        words = f"… and {number(len(read) - _MOST_SOURCES)} more; curator sources lists all"
        blocks += [BLANK, Block(Content.styled(words, "$muted"))]
    unread = [source for source in report.sources if not (source.sessions or source.records)]
    for loss, paths in _by_reason(unread).values():
        blocks += [BLANK, *_unread(loss, paths, width)]
    return blocks


def _by_reason(sources: Sequence[SourceReport]) -> dict[str, tuple[LossCount, list[str]]]:
    """Gather sources that gave nothing under the first reason of each."""
    found: dict[str, tuple[LossCount, list[str]]] = {}
    for source in sources:
        for loss in source.dropped[:1]:
            found.setdefault(loss.code, (loss, []))[1].append(source.path)
    return found


def _unread(loss: LossCount, paths: Sequence[str], width: int) -> Iterator[Block]:
    """Yield why files were not read, and which."""
    reason = loss.first.rpartition(": ")[2].replace("--as FORMAT", "curator ingest --as FORMAT")
    words = f"not read: {_count(len(paths), 'file')}, {loss.code.replace('_', ' ')}"
    yield Block(Content.assemble(styled(words, "$warning"), styled(f"  {one_line(reason, 200)}", "$muted")))
    for path in paths[:_MOST_UNREAD]:
        yield Block(styled(_ending(path, max(20, width - 4)), "$muted"), Content("  "))
    if len(paths) > _MOST_UNREAD:
        yield Block(
            Content.styled(f"… and {number(len(paths) - _MOST_UNREAD)} more", "$muted"), Content("  ")
        )


def _headline(report: IngestReport) -> Content:
    if report.cancelled:
        words = "Stopped. What was read is stored; reading the same path again goes on from there."
        return Content.styled(f"■ {words}", "bold $warning")
    if report.nothing_read:
        return Content.styled("✗ Nothing could be read; the lines below say why.", "bold $error")
    if not report.totals.new_turns:
        return Content.styled("✓ Read. Everything was here already; nothing is new.", "bold $success")
    return Content.styled(f"✓ Read. {_count(report.totals.new_turns, 'new turn')}.", "bold $success")


def _totals(report: IngestReport) -> Content:
    totals = report.totals
    parts = [
        _count(totals.sessions, "session"),
        _count(totals.turns, "turn"),
        _count(totals.tool_calls, "call"),
        f"{number(totals.repaired)} repaired",
        f"{number(totals.dropped)} dropped",
    ]
    if totals.history:
        parts.append(f"{number(totals.history)} answers that only repeat earlier ones")
    if totals.unexplained:
        parts.append(f"{number(totals.unexplained)} unexplained")
    return Content(" · ".join(parts))


def _source(source: SourceReport, width: int) -> Iterator[Block]:
    said = f"{source.format or 'not read'} · {_count(source.turns, 'turn')}, {number(source.new_turns)} new"
    room = max(20, width - len(said) - 4)
    yield Block(Content.assemble(styled(_ending(source.path, room), "bold"), "  ", styled(said, "$muted")))
    for word, style, losses in (
        ("repaired", "$warning", source.repaired),
        ("dropped", "$error", source.dropped),
    ):
        for loss in losses:
            yield _loss(word, style, loss)


def _loss(word: str, style: str, loss: LossCount) -> Block:
    lead = Content.assemble("  ", (f"{word} {number(loss.count)} × ", style))
    code = styled(loss.code.replace("_", " "), style)
    return Block(
        Content.assemble(code, styled(f"  {one_line(loss.first, 400)}", "$muted")), lead, Content("    ")
    )


def _ending(path: str, room: int) -> str:
    """The end of a path says more than its beginning."""
    text = one_line(path, 4000)
    return text if len(text) <= room else f"…{text[1 - room :]}"


def _count(n: int, what: str) -> str:
    return f"{number(n)} {what}{'' if n == 1 else 's'}"
