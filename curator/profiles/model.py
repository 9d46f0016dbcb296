"""What a profile can demand of a project's data. Values only; the loader reads them from TOML."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from curator.model import CallClass, Severity

Policy = Literal["required", "optional", "forbidden"]
Share = tuple[float, float]
"""A band of shares, (low, high) in 0..1."""


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """One tier: what it is for, what it should learn, and how many SFT rows it wants."""

    title: str = ""
    focus: str = ""
    target_rows: int = 0
    bands: dict[CallClass, Share] = {}
    """Composition bands of this tier; those of the profile where it has none."""


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """What has to be called first; ``tier`` and ``first_call`` are shell patterns (``*.todo_write``)."""

    first_call: str
    title: str = ""
    tier: str = "*"
    severity: Severity = "error"


class CoverageItem(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that rows must show. A row has it by a detector, or by the tag that a reviewer gave it."""

    title: str = ""
    detector: str = ""
    """Name of a detector in ``curator.coverage``; empty: only the tag counts."""
    tag: str = ""
    """Tag that marks a row by hand; empty: the id of the item."""
    min_rows: int = 1
    is_required: bool = field(name="required", default=True)
    """Whether training waits for it."""
    calls: tuple[str, ...] = ()
    """Tools that the detector looks for, as patterns of a shell: for ``chain`` in this order."""


class ToolSchemas(Struct, frozen=True, forbid_unknown_fields=True):
    """Tools of the project where the logs do not state them. A new version needs an explicit opt-in."""

    path: str
    """Folder with a JSON file per tool: shipped under ``schemas/``, or relative to the profile."""
    version: str = ""
    """The version that rows are checked against; it must be that of the folder."""


class Lengths(Struct, frozen=True, forbid_unknown_fields=True):
    """Budgets in tokens of the base model; 0 means none."""

    max_tokens: int = 0
    """Of a whole row: tools, prompt and answer."""
    prompt_tokens: int = 0
    """Of what is left for the user beside the tools."""


class Split(Struct, frozen=True, forbid_unknown_fields=True):
    """How a data set is divided: shares, file names, and what must not be torn apart."""

    shares: tuple[float, float, float] = (0.9, 0.1, 0.0)
    names: tuple[str, str, str] = ("train", "valid", "test")
    group_by: Literal["session", "prompt", "template"] = "session"


class Quality(Struct, frozen=True, forbid_unknown_fields=True):
    """How good the data itself must be, beyond single rows. 0 switches a rule off."""

    sample_share: float = 0.0
    """Share of the accepted rows that a second look must confirm."""
    sample_max: int = 0
    """At most so many rows of that sample; 0 means no limit."""
    correctness: float = 0.0
    """Share of the sample that must be confirmed."""
    consistency: float = 0.0
    """Share of the turns that two people saw which they must have decided alike."""
    diversity: float = 0.0
    """Entropy of the kinds of task over its maximum, 0..1."""
    task_coverage: float = 0.0
    """Share of the kinds of task in the log that rows must have."""
    narrow_rows: int = 0
    """From so many rows on, one narrow task can be tried."""
    good_rows: int = 0
    excellent_rows: int = 0
    """Numbers of rows that are called good, and excellent."""


class Gates(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules that must hold before training may start. Zero or false switches a rule off."""

    min_sft_rows: int = 0
    min_pairs: int = 0
    bands: bool = False
    """Every composition band must be met."""
    tier_bands: bool = False
    """So must those of every tier by itself."""
    tier_targets: bool = False
    """Every tier must have its target of rows."""
    coverage: bool = False
    """Every coverage item that is required must have its rows."""
    valid_calls: bool = True
    """No row may come from a correction that was saved in spite of schema violations."""
    thinking: bool = False
    """Rows must think where the profile requires it, and must not where it forbids it."""
    coherence: float = 0.0
    """Share of the rows whose thinking leads to their calls."""
    no_findings: tuple[str, ...] = ()
    """Checks that may find nothing in any row."""
    lengths: bool = False
    """No row may be over its budget of tokens."""
    one_system_prompt: bool = False
    """All rows of a tier must have the same system prompt."""
    rows_per_tool: int = 0
    """Every tool that is offered must be called in so many rows."""
    share_with_calls: Share = (0.0, 1.0)
    several_steps: float = 0.0
    """Share of rows that go on after a tool result."""
    no_duplicates: bool = False
    no_secrets: bool = False
    single_token_delimiters: bool = False
    """The marks around calls and results must be single tokens of the base."""
    replay: Share = (0.0, 1.0)
    """Share of rows of general data (origin or tag ``general``)."""
    real_share: float = 0.0
    """Share of rows from real logs."""
    quality: bool = False
    """Every rule of ``quality`` must hold."""


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """How to train: every value goes into the run as it stands."""

    title: str = ""
    method: Literal["sft"] = "sft"
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    epochs: float = 2.0
    max_steps: int | None = None
    learning_rate: float = 2e-4
    batch_size: int = 4
    gradient_accumulation: int = 1
    warmup_ratio: float = 0.03
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    max_length: int = 2048
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    gradient_checkpointing: bool = False
    seed: int = 7


class Criterion(Struct, frozen=True, forbid_unknown_fields=True):
    """What an adapter must reach on the suite before it is used."""

    metric: str
    title: str = ""
    at_least: float = 0.0
    """0..1."""
    gain: float = 0.0
    """By so much it must be better than the base, 0..1."""
    max_drop: float | None = None
    """At most so much worse than the base, 0..1; None where only the other two count."""


class Evaluation(Struct, frozen=True, forbid_unknown_fields=True):
    """How a run is measured against its base."""

    suite: str = ""
    """Path of the held-out suite, relative to the workspace; empty means no suite."""
    max_new_tokens: int = 256
    target: float = 0.0
    """Share of exact calls that the adapter has to reach; 0 means no target."""
    criteria: tuple[Criterion, ...] = ()
    base_below: dict[str, float] = {}
    """Metric → share: training is worth its time only while the base stays below one of them."""


class DeployRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which an adapter may earn its use: all that it states must hold."""

    gain: float
    """By so much it must be better than the base, 0..1."""
    speedup: float = 0.0
    """So many times as fast as the base; 0 where speed does not count."""
    significant: bool = False
    """Whether chance must be ruled out as the reason for the gain."""


class Deployment(Struct, frozen=True, forbid_unknown_fields=True):
    """How the agent takes an adapter: what is told, and the snippet for its configuration."""

    form: Literal["adapter", "merged"] = "adapter"
    quantization: str = ""
    port: int = 0
    notes: str = ""
    config: str = ""
    """Text with ``{adapter}``, ``{tier}`` and ``{base}`` to be filled in."""
    rules: tuple[DeployRule, ...] = ()
    """An adapter is used when one of these holds; without any, when it meets the criteria."""


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """What one project demands of its data."""

    name: str
    title: str = ""
    thinking: Policy = "optional"
    preferences: Policy = "optional"
    syntax: str = "hermes"
    """Syntax in which calls are written into rows of text logs."""
    accepts: tuple[str, ...] = ()
    """Other syntaxes that the agent's parser reads; rows may keep them."""
    base: str = ""
    """Path of the base model; empty means the small model that the demo installs."""
    bases: tuple[str, ...] = ()
    """Models that the project trains, by their hub names; empty means any."""
    guidelines: str = ""
    """What reviewers are told beside the turn."""
    tiers: dict[str, Tier] = {}
    bands: dict[CallClass, Share] = {}
    """Shares of SFT rows with no, one and several calls, as (low, high) in 0..1."""
    coverage: dict[str, CoverageItem] = {}
    expectations: tuple[Expectation, ...] = ()
    tags: dict[str, str] = {}
    """Tags that reviewers give by a key: tag → what it means."""
    checks: dict[str, Severity | Literal["off"]] = {}
    """Gravity of a check in this project, where it differs, or that it is not run."""
    identity: tuple[str, ...] = ()
    """Names of other models and makers that an answer must not claim."""
    general: str = ""
    """Query for the turns that count as general data (replay)."""
    tools: ToolSchemas | None = None
    lengths: Lengths = Lengths()
    split: Split = Split()
    quality: Quality = Quality()
    gates: Gates = Gates()
    presets: dict[str, Preset] = field(default_factory=lambda: {"default": Preset()})
    evaluation: Evaluation = Evaluation()
    deployment: Deployment = Deployment()
    aliases: dict[str, tuple[str, ...]] = {}
    """Other words by which a thinking text may name a tool."""

    @property
    def words(self) -> dict[str, str]:
        """The aliases turned round: word → tool name."""
        return {word: tool for tool, words in self.aliases.items() for word in words}

    def bands_of(self, tier: str | None) -> dict[CallClass, Share]:
        """Return the composition bands of a tier, or those of the whole."""
        own = self.tiers[tier].bands if tier and tier in self.tiers else {}
        return {**self.bands, **own}
