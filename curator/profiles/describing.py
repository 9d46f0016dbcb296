"""Says a whole profile in words, for a person who wants to know what it demands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct, structs

from curator.model import ToolSpec
from curator.profiles.model import CoverageItem, Criterion, DeployRule, Preset, Profile, Share


class Section(NamedTuple):
    """One part of a profile, as rows of the same number of cells."""

    heading: str
    rows: list[list[str]]


def sections(profile: Profile, tools: Sequence[ToolSpec] = ()) -> tuple[Section, ...]:
    """Return the parts of a profile that say something; ``tools`` are those of its schemas."""
    found = (
        Section("rows", _basics(profile)),
        Section("what reviewers are told", _lines(profile.guidelines)),
        Section("tiers", _tiers(profile)),
        Section("shares of rows", [[kind, band(share)] for kind, share in profile.bands.items()]),
        Section("coverage", _coverage(profile)),
        Section("expectations", _expectations(profile)),
        Section("tags", [[tag, meaning] for tag, meaning in profile.tags.items()]),
        Section("checks", [[check, str(gravity)] for check, gravity in profile.checks.items()]),
        Section("tools", [[tool.name, tool.description] for tool in tools]),
        Section("lengths in tokens", _stated(profile.lengths)),
        Section("split", _split(profile)),
        Section("quality", _stated(profile.quality)),
        Section("gates", _stated(profile.gates)),
        Section("presets", _presets(profile)),
        Section("evaluation", _evaluation(profile)),
        Section("deployment", _deployment(profile)),
    )
    return tuple(section for section in found if section.rows)


def band(share: Share) -> str:
    """Write a band of shares: ``50–70 %``."""
    return f"{share[0] * 100:g}–{share[1] * 100:g} %"


def _basics(profile: Profile) -> list[list[str]]:
    rows = [
        ["thinking", profile.thinking],
        ["preferences", profile.preferences],
        ["call syntax", profile.syntax],
        ["also accepted", ", ".join(profile.accepts)],
        ["base", profile.base],
        ["bases", ", ".join(profile.bases)],
        ["general data", profile.general],
        ["must not claim to be", ", ".join(profile.identity)],
        ["aliases", "; ".join(f"{tool}: {', '.join(words)}" for tool, words in profile.aliases.items())],
    ]
    return [row for row in rows if row[1]]


def _tiers(profile: Profile) -> list[list[str]]:
    rows = []
    for name, tier in profile.tiers.items():
        bands = ", ".join(f"{kind} {band(share)}" for kind, share in tier.bands.items())
        rows.append([name, f"{tier.target_rows} rows" if tier.target_rows else "", tier.focus, bands])
    return rows


def _coverage(profile: Profile) -> list[list[str]]:
    return [
        [
            name,
            f"{item.min_rows} row{'' if item.min_rows == 1 else 's'}",
            "required" if item.is_required else "wished for",
            _how(item, name),
            item.title,
        ]
        for name, item in profile.coverage.items()
    ]


def _how(item: CoverageItem, name: str) -> str:
    if not item.detector:
        return f"tag {item.tag or name}"
    return f"found by {item.detector}" + (f": {' → '.join(item.calls)}" if item.calls else "")


def _expectations(profile: Profile) -> list[list[str]]:
    return [
        [f"tier {rule.tier}", f"first call {rule.first_call}", rule.severity, rule.title]
        for rule in profile.expectations
    ]


def _split(profile: Profile) -> list[list[str]]:
    split = profile.split
    shares = ", ".join(
        f"{name} {share * 100:g} %" for name, share in zip(split.names, split.shares, strict=True) if share
    )
    return [["shares", shares], ["kept together", f"rows of one {split.group_by}"]]


def _presets(profile: Profile) -> list[list[str]]:
    return [[name, *_preset(preset)] for name, preset in profile.presets.items()]


def _preset(preset: Preset) -> Iterator[str]:
    yield f"{preset.method}, rank {preset.rank}, alpha {preset.alpha}"
    epochs = f"{preset.epochs:g} epoch{'' if preset.epochs == 1 else 's'}"
    yield f"{preset.max_steps} steps" if preset.max_steps else epochs
    yield f"lr {preset.learning_rate:g}"
    yield f"batch {preset.batch_size} × {preset.gradient_accumulation}"
    yield f"{preset.max_length} tokens"
    yield " ".join(preset.targets)


def _evaluation(profile: Profile) -> list[list[str]]:
    evaluation = profile.evaluation
    rows = [["suite", evaluation.suite, ""]] if evaluation.suite else []
    rows += [["target", f"at least {evaluation.target * 100:g} %", ""]] if evaluation.target else []
    rows += [
        [metric, f"base below {share * 100:g} %", "else training is not called for"]
        for metric, share in evaluation.base_below.items()
    ]
    return rows + [[one.metric, _demand(one), one.title] for one in evaluation.criteria]


def _demand(criterion: Criterion) -> str:
    parts = []
    if criterion.at_least:
        parts.append(f"at least {criterion.at_least * 100:g} %")
    if criterion.gain:
        parts.append(f"{criterion.gain * 100:g} points above the base")
    if criterion.max_drop == 0:
        parts.append("not below the base")
    elif criterion.max_drop is not None:
        parts.append(f"at most {criterion.max_drop * 100:g} points below the base")
    return ", ".join(parts)


def _deployment(profile: Profile) -> list[list[str]]:
    deployment = profile.deployment
    rows = [["form", " ".join(filter(None, (deployment.form, deployment.quantization)))]]
    rows += [["port", str(deployment.port)]] if deployment.port else []
    rows += [["used when", _rule(rule)] for rule in deployment.rules]
    rows += [["notes" if index == 0 else "", *line] for index, line in enumerate(_lines(deployment.notes))]
    rows += [["snippet" if index == 0 else "", *line] for index, line in enumerate(_lines(deployment.config))]
    return rows


def _rule(rule: DeployRule) -> str:
    parts = [f"{rule.gain * 100:g} points better"]
    if rule.speedup:
        parts.append(f"{rule.speedup:g} times as fast")
    if rule.significant:
        parts.append("beyond chance")
    return " and ".join(parts)


def _stated(values: Struct) -> list[list[str]]:
    """Return the fields that differ from their defaults, with their values in words."""
    return [
        [field.encode_name.replace("_", " "), _words(getattr(values, field.name))]
        for field in structs.fields(values)
        if getattr(values, field.name) != field.default
    ]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value * 100:g} %"
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, float) for one in value):
        return band(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _lines(text: str) -> list[list[str]]:
    return [[line] for line in text.strip("\n").splitlines()]
