"""What the Train screen shows before a run: gates, data, preset. Pure functions that return content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from curator.text import one_line
from curator.tui.blocks import number, styled
from curator.tui.commands.base import MISSING, key_of
from curator.tui.lines import spread
from curator.tui.widgets.run_words import clock, rate
from curator.tui.widgets.train_layout import LABEL, figure, flowed, keys, labelled, wrapped
from curator.tui.widgets.train_plan import Plan, steps_of

if TYPE_CHECKING:
    from curator.datasets import BandState, GateState
    from curator.profiles import Preset, Profile
    from trainer.launch import RunStatus

_GATE_WIDTH = 33
_MOST_MET = 8
_GATE_MARKS = {"open": ("✗", "$warning"), "waived": ("~", "$muted"), "met": ("✓", "$success")}
_REVIEW = "everywhere.open-review"
_BAR = 24
_WIDE = 90
_BAND_STYLES = {"ok": "$success", "low": "$warning", "high": "$warning", "empty": "$muted"}


def counting() -> Content:
    """The plan is still being gathered."""
    return Content.styled("counting the decided turns …", "$muted")


def plan_content(
    plan: Plan, name: str, preset: Preset, profile: Profile, last: RunStatus | None, width: int
) -> Content:
    """Say what Enter would train, or what is missing; ``last`` is a run whose speed is known."""
    gap = [Content()] if width >= _WIDE else []
    lines = [
        _headline(plan, width),
        *gap,
        *labelled("gates", _gates(plan, width - LABEL)),
        *gap,
        *labelled("data", _data(plan, profile, width)),
        *gap,
        *labelled("preset", _preset(name, preset, width - LABEL)),
        *labelled("steps", [_steps(plan, preset, last)]),
        *gap,
        *labelled("base", [_base(plan)]),
        *labelled("suite", wrapped(_suite(plan, profile), width - LABEL)),
        *gap,
        *labelled("course", wrapped(_course(plan), width - LABEL)),
    ]
    return Content("\n").join(lines)


def refusal(plan: Plan) -> str:
    """Say why training does not start, and what to do."""
    if plan.missing:
        ways = f"{key_of(_REVIEW)}, and {key_of(MISSING)} finds those that would help"
        return f"Not yet: {'; '.join(plan.missing)}. Review more turns: {ways}."
    return " ".join(plan.problems)


def _headline(plan: Plan, width: int) -> Content:
    if plan.ready:
        waived = sum(gate.state == "waived" for gate in plan.gates)
        passed = f" · {waived} gate{'s' * (waived != 1)} waived" if waived else ""
        words = Content.assemble(("✓ Ready to train", "bold $success"), (passed, "$muted"))
        return spread(words, keys((key_of("train.launch-training"), "starts it")), width)
    count = len(plan.missing)
    what = f"{count} of {len(plan.gates)} gates not met" if count else "something is not installed"
    return spread(
        Content.styled(f"✗ Not ready · {what}", "bold $warning"),
        keys((key_of(_REVIEW), "review more")),
        width,
    )


def _gates(plan: Plan, width: int) -> Iterator[Content]:
    """The open gates before the waived and the met ones; many that are met in one line."""
    order = sorted(plan.gates, key=lambda gate: list(_GATE_MARKS).index(gate.state))
    met = [gate for gate in order if gate.state == "met"]
    folds = len(met) > _MOST_MET and len(met) < len(order)
    for gate in order:
        if not (folds and gate.state == "met"):
            yield from _gate(gate, width)
    if folds:
        yield Content.assemble(("✓ ", "bold $success"), (f"{len(met)} others met", "$success"))
    for problem in plan.problems:
        yield from wrapped(styled(f"✗ {problem}", "$error"), width)


def _gate(gate: GateState, width: int) -> Iterator[Content]:
    """Its mark, its title, and what is missing or why it was waived: beside the title, or below it."""
    mark, style = _GATE_MARKS[gate.state]
    said = {"met": "met", "open": gate.missing, "waived": f"waived: {gate.reason}"}[gate.state]
    if gate.state == "open" and gate.title.rpartition(": ")[2] in gate.missing:
        for position, piece in enumerate(wrapped(styled(said, style), width - 2)):
            yield Content.assemble((f"{mark} " if position == 0 else "  ", f"bold {style}"), piece)
        return
    title = one_line(gate.title, width - 2)
    long = len(title) > _GATE_WIDTH
    lead = Content.assemble((f"{mark} ", f"bold {style}"), title.ljust(_GATE_WIDTH))
    room = width - lead.cell_length - 1
    pieces = wrapped(styled(said, style), room if not long else width - 4)
    if long:
        yield lead
        yield from (Content("    ") + piece for piece in pieces)
        return
    for position, piece in enumerate(pieces):
        yield Content.assemble(lead if position == 0 else " " * lead.cell_length, " ", piece)


def _data(plan: Plan, profile: Profile, width: int) -> Iterator[Content]:
    meters = plan.meters
    yield Content.assemble(
        (number(meters.sft_rows), "bold"),
        (" SFT rows   ", "$muted"),
        (number(meters.pairs), "bold"),
        (" preference pairs   ", "$muted"),
        (number(meters.decided), "bold"),
        (f" of {number(meters.turns)} turns decided", "$muted"),
    )
    if width >= _WIDE:
        yield from (_band(band, profile) for band in plan.bands)
    elif meters.sft_rows:
        shares = [f"{band.title} {band.share:.0%}" for band in plan.bands]
        yield Content.styled("   ".join(shares), "$muted")


def _band(band: BandState, profile: Profile) -> Content:
    wanted = band.id in profile.bands
    style = _BAND_STYLES[band.state] if wanted else "$primary"
    filled = round(band.share * _BAR)
    limits = f"  wanted {band.low:.0%}–{band.high:.0%}" if wanted else ""
    return Content.assemble(
        (band.title.ljust(9), "$muted"),
        ("━" * filled, style),
        ("─" * (_BAR - filled), "$faint"),
        f" {band.share:4.0%} ",
        (f"{number(band.count)} row{'' if band.count == 1 else 's'}".rjust(10), "$muted"),
        (limits, "$muted"),
    )


def _preset(name: str, preset: Preset, width: int) -> Iterator[Content]:
    title = f"   {preset.title}" if preset.title else ""
    yield Content.assemble(styled(name, "bold $primary"), styled(title, "$muted"))
    batch = str(preset.batch_size)
    if preset.gradient_accumulation > 1:
        batch += f" × {preset.gradient_accumulation}"
    values = {
        "method": f"{preset.method.upper()} + LoRA",
        "epochs": "–" if preset.max_steps else f"{preset.epochs:g}",
        "learning rate": f"{rate(preset.learning_rate)} {preset.schedule}",
        "batch": batch,
        "rank": str(preset.rank),
        "alpha": str(preset.alpha),
        "max length": f"{number(preset.max_length)} tokens",
        "precision": preset.precision,
    }
    yield from flowed((figure(label, value) for label, value in values.items()), width)


def _steps(plan: Plan, preset: Preset, last: RunStatus | None) -> Content:
    steps = steps_of(preset, plan.meters.sft_rows)
    if not steps:
        return Content.styled("none: there is no row yet", "$muted")
    told = ""
    if not preset.max_steps:
        told = f"  {number(plan.meters.sft_rows)} rows × {preset.epochs:g} ÷ {preset.batch_size}"
        told += f" ÷ {preset.gradient_accumulation}" if preset.gradient_accumulation > 1 else ""
    if last and last.s_per_step:
        told += f"   about {clock(steps * last.s_per_step)} at the last run's speed"
    return Content.assemble(("≈ ", "$muted"), (number(steps), "bold"), (told, "$muted"))


def _course(plan: Plan) -> Content:
    first = "The base is measured, then the adapter is trained and measured." if plan.cases else ""
    return Content.styled(f"{first} Closing Curator does not stop it.".strip(), "$muted")


def _base(plan: Plan) -> Content:
    if not plan.base:
        return Content.styled("✗ not there", "bold $error")
    return styled(plan.base)


def _suite(plan: Plan, profile: Profile) -> Content:
    if not plan.cases:
        return Content.styled("no suite: nothing is measured before and after", "$muted")
    target = profile.evaluation.target
    wanted = f" · target {target:.0%} exact calls" if target else ""
    return Content.assemble(
        (number(plan.cases), "bold"), (f" held-out cases, measured before and after{wanted}", "$muted")
    )
