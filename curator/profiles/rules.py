"""What a profile must hold beyond its types: shares that can add up, gates whose rule is stated, and so on.

Names that live above this floor (checks, metrics, queries) are not looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from msgspec import structs

from curator.model import CALL_CLASSES
from curator.profiles.faults import Fault, Place, near
from curator.profiles.model import Gates, Preset, Profile, Share

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_FILE_NAME = re.compile(r"[\w.-]+")
_CONFIG_NAMES = ("adapter", "tier", "base")
_COUNTS = ("rank", "alpha", "batch_size", "gradient_accumulation", "max_length")
_TOLERANCE = 1e-9


def rule_faults(profile: Profile) -> Iterator[Fault]:
    """Yield every rule that the values of a profile break."""
    for rule in (
        _names,
        _bands,
        _tiers,
        _coverage,
        _expectations,
        _syntaxes,
        _split,
        _shares,
        _numbers,
        _quality,
        _gates,
        _presets,
        _lengths,
        _evaluation,
        _deployment,
        _aliases,
    ):
        yield from rule(profile)


def _names(profile: Profile) -> Iterator[Fault]:
    if not profile.name.strip():
        yield Fault(("name",), "must not be empty.")


def _bands(profile: Profile) -> Iterator[Fault]:
    yield from _band_table(profile.bands, ("bands",))
    for name, tier in profile.tiers.items():
        yield from _band_table(tier.bands, ("tiers", name, "bands"))
        merged = profile.bands_of(name)
        if tier.bands and not any(True for _ in _band_table(tier.bands, ())):
            yield from _sums(merged, ("tiers", name, "bands"), "together with [bands] ")


def _band_table(bands: Mapping[Any, Share], place: Place) -> Iterator[Fault]:
    broken = [
        Fault((*place, kind), f"must be two shares 0 ≤ low ≤ high ≤ 1, not {low:g}, {high:g}.")
        for kind, (low, high) in bands.items()
        if not 0 <= low <= high <= 1
    ]
    yield from broken
    if not broken and bands:
        yield from _sums(bands, place, "")


def _sums(bands: Mapping[Any, Share], place: Place, how: str) -> Iterator[Fault]:
    lows = sum(low for low, _ in bands.values())
    highs = sum(bands[kind][1] if kind in bands else 1.0 for kind in CALL_CLASSES)
    if lows > 1 + _TOLERANCE:
        yield Fault(place, f"{how}cannot add up to 1: the lows alone make {lows:g}. Lower one of them.")
    elif highs < 1 - _TOLERANCE:
        yield Fault(place, f"{how}cannot add up to 1: the highs only make {highs:g}. Raise one of them.")


def _tiers(profile: Profile) -> Iterator[Fault]:
    for name, tier in profile.tiers.items():
        yield from _not_negative(("tiers", name, "target_rows"), tier.target_rows)


def _coverage(profile: Profile) -> Iterator[Fault]:
    for name, item in profile.coverage.items():
        if item.min_rows < 1:
            yield Fault(("coverage", name, "min_rows"), f"must be at least 1, not {item.min_rows}.")
        if item.calls and not item.detector:
            yield Fault(("coverage", name, "calls"), "is read by a detector; state which one.")


def _expectations(profile: Profile) -> Iterator[Fault]:
    for index, rule in enumerate(profile.expectations):
        if not rule.first_call.strip():
            yield Fault(
                ("expectations", index, "first_call"),
                "must name a tool, or a pattern such as '*.todo_write'.",
            )
        if rule.tier != "*" and not any(fnmatchcase(tier, rule.tier) for tier in profile.tiers):
            hint = near(rule.tier, profile.tiers)
            yield Fault(
                ("expectations", index, "tier"),
                f"matches no tier of [tiers]: {rule.tier!r}{hint}",
                rests_on=("tiers",),
            )


def _syntaxes(profile: Profile) -> Iterator[Fault]:
    asked: list[tuple[Place, str]] = [(("syntax",), profile.syntax)]
    asked += [(("accepts", index), name) for index, name in enumerate(profile.accepts)]
    asked = [(place, name) for place, name in asked if name != _default(Profile, "syntax")]
    if not asked:
        return
    # The registry takes 0.03 s to import, which the screens of a profile with the default need not wait for.
    from curator.parsing import syntaxes

    known = [one.id for one in syntaxes()]
    for place, name in asked:
        if name not in known:
            yield Fault(place, f"names no call syntax: {name!r}{near(name, known)}")


def _split(profile: Profile) -> Iterator[Fault]:
    split = profile.split
    if any(share < 0 for share in split.shares) or abs(sum(split.shares) - 1) > 1e-6:
        shown = ", ".join(f"{share:g}" for share in split.shares)
        yield Fault(("split", "shares"), f"must be three shares from 0 that add up to 1, not {shown}.")
    elif split.shares[0] == 0:
        yield Fault(("split", "shares"), "leave nothing to train on; the first share is that of training.")
    if len(set(split.names)) < len(split.names):
        yield Fault(("split", "names"), "must be three different file names.")
    for index, name in enumerate(split.names):
        if not _FILE_NAME.fullmatch(name):
            yield Fault(("split", "names", index), f"must be a file name without its ending, not {name!r}.")


def _shares(profile: Profile) -> Iterator[Fault]:
    single: tuple[tuple[str, object, tuple[str, ...]], ...] = (
        (
            "quality",
            profile.quality,
            ("sample_share", "correctness", "consistency", "diversity", "task_coverage"),
        ),
        ("gates", profile.gates, ("coherence", "several_steps", "real_share")),
        ("evaluation", profile.evaluation, ("target",)),
    )
    for table, struct, names in single:
        for name in names:
            yield from _share((table, name), getattr(struct, name))
    for name in ("share_with_calls", "replay"):
        low, high = getattr(profile.gates, name)
        if not 0 <= low <= high <= 1:
            yield Fault(("gates", name), f"must be two shares 0 ≤ low ≤ high ≤ 1, not {low:g}, {high:g}.")


def _numbers(profile: Profile) -> Iterator[Fault]:
    for table, struct, names in (
        ("gates", profile.gates, ("min_sft_rows", "min_pairs", "rows_per_tool")),
        ("quality", profile.quality, ("sample_max", "narrow_rows", "good_rows", "excellent_rows")),
        ("lengths", profile.lengths, ("max_tokens", "prompt_tokens")),
    ):
        for name in names:
            yield from _not_negative((table, name), getattr(struct, name))


def _quality(profile: Profile) -> Iterator[Fault]:
    quality = profile.quality
    steps = [
        (name, rows)
        for name in ("narrow_rows", "good_rows", "excellent_rows")
        if (rows := getattr(quality, name)) > 0
    ]
    for (lower, few), (higher, many) in pairwise(steps):
        if many < few:
            yield Fault(("quality", higher), f"is {many}, less than {lower} ({few}).")
    if quality.correctness and not quality.sample_share:
        yield Fault(
            ("quality", "correctness"), "is measured on a sample; state its share as quality.sample_share."
        )


def _gates(profile: Profile) -> Iterator[Fault]:
    for name, is_stated, wanted, tables in _GATE_RULES:
        if getattr(profile.gates, name) != _default(Gates, name) and not is_stated(profile):
            yield Fault(("gates", name), f"is switched on, but {wanted}.", rests_on=tables)
    if profile.gates.coherence and profile.thinking == "forbidden":
        yield Fault(
            ("gates", "coherence"), "needs thinking, which this profile forbids.", rests_on=("thinking",)
        )
    low, high = profile.gates.share_with_calls
    if "none" in profile.bands and (
        1 - profile.bands["none"][0] < low or 1 - profile.bands["none"][1] > high
    ):
        yield Fault(
            ("gates", "share_with_calls"), "contradicts bands.none: no mix meets both.", rests_on=("bands",)
        )


_GateRule = tuple[str, Callable[[Profile], bool], str, tuple[str, ...]]
_GATE_RULES: tuple[_GateRule, ...] = (
    ("bands", lambda p: bool(p.bands), "[bands] states none", ("bands",)),
    (
        "tier_bands",
        lambda p: any(p.bands_of(tier) for tier in p.tiers),
        "no tier has bands: state [bands], or bands in a tier",
        ("bands", "tiers"),
    ),
    (
        "tier_targets",
        lambda p: any(tier.target_rows for tier in p.tiers.values()),
        "no tier states its target_rows",
        ("tiers",),
    ),
    (
        "coverage",
        lambda p: any(item.is_required for item in p.coverage.values()),
        "[coverage] has no item that is required",
        ("coverage",),
    ),
    (
        "thinking",
        lambda p: p.thinking != "optional",
        'thinking = "optional" neither requires nor forbids any',
        ("thinking",),
    ),
    (
        "lengths",
        lambda p: bool(p.lengths.max_tokens or p.lengths.prompt_tokens),
        "[lengths] states no budget",
        ("lengths",),
    ),
    (
        "quality",
        lambda p: any(
            (p.quality.correctness, p.quality.consistency, p.quality.diversity, p.quality.task_coverage)
        ),
        "[quality] states no share that must be reached",
        ("quality",),
    ),
    (
        "min_pairs",
        lambda p: p.preferences != "forbidden",
        'preferences = "forbidden" lets no pair be made',
        ("preferences",),
    ),
)
"""Gate, whether the profile states its rule, what is missing otherwise, and the tables this rests on."""


def _presets(profile: Profile) -> Iterator[Fault]:
    if not profile.presets:
        yield Fault(("presets",), "needs at least one preset, such as [presets.default].")
    for name, preset in profile.presets.items():
        for key, problem in _preset(preset):
            yield Fault(("presets", name, key), problem)
        wanted = profile.lengths.max_tokens
        if wanted > preset.max_length:
            yield Fault(
                ("presets", name, "max_length"),
                f"is {preset.max_length}: rows of lengths.max_tokens ({wanted}) would be left out.",
                rests_on=("lengths",),
            )


def _preset(preset: Preset) -> Iterator[tuple[str, str]]:
    for key in _COUNTS:
        if (number := getattr(preset, key)) < 1:
            yield key, f"must be at least 1, not {number}."
    for key in ("epochs", "learning_rate", "max_grad_norm"):
        if (value := getattr(preset, key)) <= 0:
            yield key, f"must be more than 0, not {value:g}."
    if preset.max_steps is not None and preset.max_steps < 1:
        yield "max_steps", f"must be at least 1, not {preset.max_steps}."
    for key in ("dropout", "warmup_ratio"):
        if not 0 <= (value := getattr(preset, key)) < 1:
            yield key, f"must be from 0 to below 1, not {value:g}."
    if preset.weight_decay < 0:
        yield "weight_decay", f"must not be negative, not {preset.weight_decay:g}."
    if not preset.targets:
        yield "targets", "must name the modules that get an adapter, such as 'q_proj', 'v_proj'."
    elif len(set(preset.targets)) < len(preset.targets):
        yield "targets", "names a module twice."


def _lengths(profile: Profile) -> Iterator[Fault]:
    lengths = profile.lengths
    if 0 < lengths.max_tokens < lengths.prompt_tokens:
        yield Fault(
            ("lengths", "prompt_tokens"),
            f"is {lengths.prompt_tokens}, more than max_tokens ({lengths.max_tokens}).",
        )


def _evaluation(profile: Profile) -> Iterator[Fault]:
    evaluation = profile.evaluation
    if evaluation.max_new_tokens < 1:
        yield Fault(("evaluation", "max_new_tokens"), f"must be at least 1, not {evaluation.max_new_tokens}.")
    for metric, share in evaluation.base_below.items():
        yield from _share(("evaluation", "base_below", metric), share)
    for index, criterion in enumerate(evaluation.criteria):
        place: Place = ("evaluation", "criteria", index)
        yield from _share((*place, "at_least"), criterion.at_least)
        yield from _share((*place, "gain"), criterion.gain)
        yield from _share((*place, "max_drop"), criterion.max_drop or 0.0)
        if not criterion.at_least and not criterion.gain and criterion.max_drop is None:
            yield Fault(place, "demands nothing: state at_least, gain or max_drop.")


def _deployment(profile: Profile) -> Iterator[Fault]:
    deployment = profile.deployment
    if not 0 <= deployment.port <= 65535:
        yield Fault(("deployment", "port"), f"must be a port from 1 to 65535, not {deployment.port}.")
    if deployment.quantization and deployment.form == "adapter":
        yield Fault(
            ("deployment", "quantization"),
            'is for merged models; an adapter has none. State form = "merged".',
        )
    for name in _PLACEHOLDER.findall(deployment.config):
        if name not in _CONFIG_NAMES:
            yield Fault(
                ("deployment", "config"), f"has {{{name}}}, which nothing fills{near(name, _CONFIG_NAMES)}"
            )
    for index, rule in enumerate(deployment.rules):
        yield from _share(("deployment", "rules", index, "gain"), rule.gain)
        yield from _not_negative(("deployment", "rules", index, "speedup"), rule.speedup)


def _aliases(profile: Profile) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for tool, words in profile.aliases.items():
        for word in words:
            if owners.setdefault(word, tool) != tool:
                yield Fault(
                    ("aliases", tool), f"has the word {word!r}, which already stands for {owners[word]!r}."
                )


def _share(place: Place, value: float) -> Iterator[Fault]:
    if not 0 <= value <= 1:
        yield Fault(place, f"must be a share from 0 to 1, not {value:g}.")


def _not_negative(place: Place, value: float) -> Iterator[Fault]:
    if value < 0:
        yield Fault(place, f"must not be negative, not {value:g}.")


def _default(struct: type[Any], name: str) -> object:
    return next(field.default for field in structs.fields(struct) if field.name == name)
