"""The lines around two answers, and what stands there when there are none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import display_text, one_line
from curator.tui.blocks import number, styled
from curator.tui.commands.base import key_of
from curator.tui.lines import spread
from curator.tui.pair_blocks import creates_words, outcome_words, reveal_words

if TYPE_CHECKING:
    from curator.datasets import Meters
    from curator.profiles import Profile
    from curator.tui.bouts import Bout, Bouts
    from curator.tui.problems import Problem

ALTERNATIVES = "review.show-alternatives"
_STYLES = {"first": "$success", "second": "$success", "tie": "$accent", "neither": "$warning"}
_MARKS = {"first": "✓", "second": "✓", "tie": "=", "neither": "✗"}


def header(profile: Profile, bouts: Bouts, bout: Bout | None, width: int) -> Content:
    """Whose answers these are, and how many comparisons this prompt has left."""
    left = Content.assemble((" Pairs", "bold $primary"), (" ─ ", "$faint"), styled(profile.name, "$muted"))
    if bout is None:
        return spread(left, Content(), width)
    turn = bout.duel.turn
    tier = f" · {display_text(turn.tier, keep_newlines=False)}" if turn.tier else ""
    left = Content.assemble(left, (" ─ ", "$faint"), (f"#{turn.id}{tier}", "bold"))
    if bout.better is not None:
        right = Content.assemble(
            (f"{_MARKS[bout.better]} {outcome_words(bout)}", f"bold {_STYLES[bout.better]}"),
            (f" · {_sources(bouts, bout)}", "$muted"),
        )
    else:
        rest = bouts.left.get(bout.prompt, 0)
        words = f"{number(rest)} comparison{'s' * (rest != 1)} of this prompt left"
        right = Content.styled(words, "$muted")
    return spread(left, right, width)


def meters(meters: Meters, profile: Profile, bouts: Bouts, bout: Bout | None, width: int) -> Content:
    """How many pairs there are and how many comparisons are left; what an answer will create."""
    wanted = profile.gates.min_pairs
    left = sum(bouts.left.values())
    prompts = sum(one > 0 for one in bouts.left.values())
    rest = (
        f"{number(left)} in {number(prompts)} prompts" if bouts.is_counted else f"{number(left)} … counting"
    )
    line = Content.assemble(
        (" pairs ", "$muted"),
        (number(meters.pairs), "bold $success" if wanted and meters.pairs >= wanted else "bold"),
        (f"/{number(wanted)}" if wanted else "", "$muted"),
        ("   compared ", "$muted"),
        (number(meters.preferences), "bold"),
        ("   left ", "$muted"),
        (rest, "bold" if bouts.is_counted else "$muted"),
    )
    if bout is None:
        return spread(line, Content(), width)
    words = "deciding again replaces it" if bout.better is not None else creates_words(bout.creates)
    forbidden = profile.preferences == "forbidden"
    if forbidden:
        words = "the profile forbids pairs"
    return spread(line, Content.styled(words, "$warning" if forbidden else "$accent"), width)


def decided(bouts: Bouts, bout: Bout, then: str) -> Content:
    """Say what was decided, and where the answers come from as soon as that may be known."""
    better = bout.better or "tie"
    return Content.assemble(
        (f"{_MARKS[better]} {outcome_words(bout)}", f"bold {_STYLES[better]}"),
        (f" · #{bout.duel.turn.id} · {_sources(bouts, bout)}{then}", "$muted"),
    )


def _sources(bouts: Bouts, bout: Bout) -> str:
    """Say where two answers come from; not while one of them has yet to meet another one."""
    return "sources follow the last of these" if bouts.left.get(bout.prompt) else reveal_words(bout)


def looking() -> Content:
    """The pairs are being looked for."""
    return Content.styled("looking for answers to compare …", "$muted")


def nothing_here(turn_id: int, answers: int) -> Content:
    """Say that the turn that was asked for has nothing to compare; other prompts follow."""
    one = f"it has one answer only · in review, {key_of(ALTERNATIVES)} generates others"
    words = "all its answers are compared" if answers > 1 else one
    return Content.styled(f"#{turn_id}: {words}", "$warning")


def at_the_end(bouts: Bouts) -> Content:
    """Nothing is left to compare, or nothing ever was."""
    if not bouts.trail and not bouts.has_answers:
        return nothing_to_compare()
    skipped = sum(bout.better is None for bout in bouts.trail)
    told = f"{number(skipped)} passed over; " if skipped else ""
    return Content.assemble(
        ("✓ Every pair is compared.\n\n" if not skipped else "No further pair.\n\n", "bold $success"),
        (f"{told}{key_of('pairs.previous-pair')} looks back   ", "$muted"),
        *_choices(("pairs.undo-in-pairs", "undo"), ("pairs.leave-pairs", "back")),
    )


def nothing_to_compare() -> Content:
    """No prompt has two answers that differ."""
    return Content.assemble(
        ("No prompt has two answers to compare yet.\n\n", "bold"),
        ("In review, ", "$muted"),
        (key_of(ALTERNATIVES), "bold $accent"),
        (" generates alternatives to a turn, and ", "$muted"),
        (key_of("review.correct-turn"), "bold $accent"),
        (" corrects it.\n\n", "$muted"),
        ("Logs of another model that answered the same prompts count too: ", "$muted"),
        ("curator ingest", "bold $accent"),
        ("\n\n", ""),
        *_choices(("pairs.leave-pairs", "back")),
    )


def failed(problem: Problem) -> Content:
    """Something that the screen needs cannot be had."""
    return Content.assemble(
        (f"✗ {one_line(problem.title, 100)}\n\n", "bold $error"), styled(f"{problem.text}\n\n", "")
    )


def _choices(*keys: tuple[str, str]) -> list[Content]:
    return [
        Content.assemble((f"{key_of(id)} ", "bold $accent"), (f"{what}   ", "$muted")) for id, what in keys
    ]
