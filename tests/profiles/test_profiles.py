from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import ProfileError
from curator.profiles import examine, load_profile, shipped_profiles


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'name = "mine"\n[bands]\none = [0.5, 0.9]\n[aliases]\nset_light = ["lamp", "lights"]\n'
    )
    profile = load_profile(path)
    assert profile.bands == {"one": (0.5, 0.9)}
    assert profile.words == {"lamp": "set_light", "lights": "set_light"}
    assert list(profile.presets) == ["default"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("thinkin = 'required'", 2, "thinkin is not a known key; did you mean 'thinking'?"),
        ("[gates]\nmin_sft_row = 3", 3, "gates.min_sft_row is not a known key; did you mean 'min_sft_rows'?"),
        ("[tiers.code]\ntarget = 3", 3, "tiers.code.target is not a known key; did you mean 'target_rows'?"),
        ("[tiers.'a b']\nfocu = 3", 3, "tiers.\"a b\".focu is not a known key; did you mean 'focus'?"),
        # rank is a key of presets, not of gates: only the keys of the table itself are offered.
        ("[lengths]\nrank = 3", 3, "lengths.rank is not a known key; known are max_tokens, prompt_tokens."),
        ("thinking = 'maybe'", 2, "thinking wants one of 'forbidden', 'optional', 'required', not 'maybe'."),
        ("thinking = 'require'", 2, "not 'require'; did you mean 'required'?"),
        ("thinking = true", 2, "thinking wants one of 'forbidden', 'optional', 'required', not true."),
        ("title = 3", 2, "title wants a text, not 3."),
        ("title = 2026-11-21", 2, "title wants a text, not a date."),
        ("bases = 'one'", 2, "bases wants a list of texts, not 'one'."),
        ("bases = ['one', 2]", 2, "bases[1] wants a text, not 2."),
        ("tiers = 3", 2, "tiers wants a table, not 3."),
        ("gates = []", 2, "gates wants a table, not a list of 0."),
        ("[bands]\none = [0.5]", 3, "bands.one wants a list of 2 numbers, not a list of 1."),
        ("[bands]\none = [0.5, 'x']", 3, "bands.one[1] wants a number, not 'x'."),
        ("[bands]\none = [0.5, nan]", 3, "bands.one[1] wants a number, not nan."),
        ("[bands]\nfew = [0.1, 0.5]", 3, "bands.few is not a known key; known are none, one, several."),
        ("[gates]\nbands = 1", 3, "gates.bands wants true or false, not 1."),
        ("[gates]\nmin_sft_rows = 1.5", 3, "gates.min_sft_rows wants a whole number, not 1.5."),
        ("[gates]\nmin_sft_rows = true", 3, "gates.min_sft_rows wants a whole number, not true."),
        ("[presets.default]\nmax_steps = 'all'", 3, "max_steps wants a whole number, not 'all'."),
        ("[checks]\ncoherence = 'of'", 3, "not 'of'; did you mean 'off'?"),
        ("tools = 'home_assistant/v0'", 2, "tools wants a table, not 'home_assistant/v0'."),
        ("[tools]\nversion = 'v0'", 2, "tools.path is missing; it wants a text."),
        ("[tools]\npath = 'x'\nverson = 'v0'", 4, "tools.verson is not a known key; did you mean 'version'?"),
        ("[[expectations]]\ntier = 'x'", 2, "expectations[0].first_call is missing; it wants a text."),
        (
            "[[expectations]]\nfirst_call = 'x'\n[[expectations]]\nfirst_cal = 'x'\nfirst_call = 'x'",
            5,
            "expectations[1].first_cal is not a known key; did you mean 'first_call'?",
        ),
        (
            'guidelines = """\n[gates]\nbands = 3\n"""\n[gates]\nbands = 3',
            7,
            "gates.bands wants true or false",
        ),
    ],
)
def test_what_has_the_wrong_shape(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = write(tmp_path, f'name = "x"\n{text}\n')
    with pytest.raises(ProfileError) as error:
        load_profile(path)
    assert str(error.value).startswith(f"{path}: line {line}: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[bands]\none = [0.9, 0.5]", 3, "bands.one must be two shares 0 ≤ low ≤ high ≤ 1, not 0.9, 0.5."),
        ("[bands]\none = [0.5, 1.5]", 3, "bands.one must be two shares"),
        (
            "[bands]\none = [0.7, 0.9]\nnone = [0.5, 0.6]",
            2,
            "bands cannot add up to 1: the lows alone make 1.2",
        ),
        (
            "[bands]\nnone = [0, 0.3]\none = [0, 0.3]\nseveral = [0, 0.3]",
            2,
            "bands cannot add up to 1: the highs only make 0.9",
        ),
        (
            "[bands]\none = [0.7, 0.9]\n[tiers.code.bands]\nnone = [0.5, 0.6]",
            4,
            "tiers.code.bands together with [bands] cannot add up to 1",
        ),
        ("[tiers.code]\ntarget_rows = -1", 3, "tiers.code.target_rows must not be negative"),
        ("[coverage.a]\nmin_rows = 0", 3, "coverage.a.min_rows must be at least 1"),
        ("[coverage.a]\ncalls = ['x']", 3, "coverage.a.calls is read by a detector; state which one."),
        (
            "[tiers.code]\n[[expectations]]\nfirst_call = 'x'\ntier = 'cod'",
            5,
            "expectations[0].tier matches no tier of [tiers]: 'cod'; did you mean 'code'?",
        ),
        ("[[expectations]]\nfirst_call = 'x'\ntier = 'code'", 4, "matches no tier of [tiers]: 'code'."),
        ("[[expectations]]\nfirst_call = ' '", 3, "expectations[0].first_call must name a tool"),
        ("syntax = 'hermez'", 2, "syntax names no call syntax: 'hermez'; did you mean 'hermes'?"),
        ("accepts = ['hermes', 'qwen3_xml']", 2, "'qwen3_xml'; did you mean 'qwen3-xml'?"),
        ("[split]\nshares = [0.8, 0.1, 0.2]", 3, "add up to 1, not 0.8, 0.1, 0.2."),
        ("[split]\nshares = [1.2, -0.1, -0.1]", 3, "must be three shares from 0"),
        ("[split]\nshares = [0, 0.5, 0.5]", 3, "leave nothing to train on"),
        ("[split]\nnames = ['train', 'train', 'test']", 3, "must be three different file names"),
        ("[split]\nnames = ['../train', 'valid', 'test']", 3, "must be a file name without its ending"),
        ("[gates]\ncoherence = 95", 3, "gates.coherence must be a share from 0 to 1, not 95."),
        ("[gates]\nreplay = [0.2, 0.1]", 3, "gates.replay must be two shares"),
        ("[gates]\nrows_per_tool = -1", 3, "gates.rows_per_tool must not be negative"),
        ("[quality]\ngood_rows = 10\nexcellent_rows = 5", 4, "excellent_rows is 5, less than good_rows (10)"),
        ("[quality]\ncorrectness = 0.9", 3, "is measured on a sample; state its share"),
        ("[gates]\nbands = true", 3, "gates.bands is switched on, but [bands] states none."),
        ("[gates]\ntier_bands = true\n[tiers.code]", 3, "is switched on, but no tier has bands"),
        (
            "[gates]\ntier_targets = true\n[tiers.code]",
            3,
            "is switched on, but no tier states its target_rows",
        ),
        (
            "[gates]\ncoverage = true\n[coverage.a]\nrequired = false",
            3,
            "is switched on, but [coverage] has no item that is required",
        ),
        ("[gates]\nthinking = true", 3, 'but thinking = "optional" neither requires nor forbids any'),
        ("[gates]\nlengths = true", 3, "but [lengths] states no budget"),
        ("[gates]\nquality = true", 3, "but [quality] states no share that must be reached"),
        ("preferences = 'forbidden'\n[gates]\nmin_pairs = 3", 4, "lets no pair be made"),
        ("thinking = 'forbidden'\n[gates]\ncoherence = 0.9", 4, "needs thinking, which this profile forbids"),
        (
            "[bands]\nnone = [0.5, 0.7]\n[gates]\nshare_with_calls = [0.6, 0.9]",
            5,
            "contradicts bands.none: no mix meets both",
        ),
        ("[presets]", 2, "presets needs at least one preset"),
        ("[presets.a]\nrank = 0", 3, "presets.a.rank must be at least 1, not 0."),
        ("[presets.a]\nlearning_rate = 0", 3, "presets.a.learning_rate must be more than 0"),
        ("[presets.a]\nmax_steps = 0", 3, "presets.a.max_steps must be at least 1"),
        ("[presets.a]\ndropout = 1.0", 3, "presets.a.dropout must be from 0 to below 1"),
        ("[presets.a]\nweight_decay = -0.1", 3, "presets.a.weight_decay must not be negative"),
        ("[presets.a]\ntargets = []", 3, "presets.a.targets must name the modules"),
        ("[presets.a]\ntargets = ['q_proj', 'q_proj']", 3, "presets.a.targets names a module twice"),
        (
            "[lengths]\nmax_tokens = 4096",
            None,
            "is 2048: rows of lengths.max_tokens (4096) would be left out",
        ),
        ("[lengths]\nmax_tokens = 100\nprompt_tokens = 200", 4, "is 200, more than max_tokens (100)"),
        ("[evaluation]\nmax_new_tokens = 0", 3, "evaluation.max_new_tokens must be at least 1"),
        ("[evaluation.base_below]\nchains = 85", 3, "base_below.chains must be a share from 0 to 1"),
        ("[[evaluation.criteria]]\nmetric = 'x'", 2, "evaluation.criteria[0] demands nothing"),
        ("[[evaluation.criteria]]\nmetric = 'x'\nat_least = 95", 4, "criteria[0].at_least must be a share"),
        ("[deployment]\nport = 99999", 3, "deployment.port must be a port"),
        ("[deployment]\nquantization = 'Q4_K_M'", 3, "an adapter has none"),
        (
            "[deployment]\nconfig = 'x: {adaptor}'",
            3,
            "has {adaptor}, which nothing fills; did you mean 'adapter'?",
        ),
        ("[[deployment.rules]]\ngain = 5", 3, "deployment.rules[0].gain must be a share"),
        ("[aliases]\na = ['lamp']\nb = ['lamp']", 4, "the word 'lamp', which already stands for 'a'"),
        ("[tools]\npath = 'nowhere'\nversion = 'v0'", 3, "tools.path is no folder"),
        ("[tools]\npath = 'home_assistant/v0'", 2, "tools.version is not stated"),
        ("[tools]\npath = 'home_assistant/v0'\nversion = 'v1'", 4, "tools.version is 'v1', but"),
    ],
)
def test_what_breaks_a_rule(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    examined = examine(write(tmp_path, f'name = "x"\n{text}\n'))
    assert [(fault.line, message in fault.describe()) for fault in examined.faults] == [(line, True)], [
        fault.describe() for fault in examined.faults
    ]


def test_everything_wrong_is_told_at_once_and_nothing_that_only_follows(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "titel = 'x'\n"
        "coverage = 3\n"  # left out, so nothing may be concluded from its absence
        "[gates]\ncoverage = true\ncoherence = 2\nlengths = true\n"
        "[split]\nshares = [0.5, 0.5, 0.5]\n",
    )
    told = [fault.describe() for fault in examine(path).faults]
    assert [text.split()[0:3] for text in told] == [
        ["name", "is", "missing;"],
        ["line", "1:", "titel"],
        ["line", "2:", "coverage"],
        ["line", "5:", "gates.coherence"],
        ["line", "6:", "gates.lengths"],
        ["line", "8:", "split.shares"],
    ]
    with pytest.raises(
        ProfileError, match=r"name is missing; it wants a text\. \(5 more: `curator profiles check "
    ):
        load_profile(path)


def test_what_is_not_toml_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, 'name = "x"\ntitle = ]\n')
    with pytest.raises(ProfileError, match=r"mine\.toml: not TOML: .*line 2"):
        load_profile(path)


def test_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(ProfileError, match=r"is not UTF-8 text \(byte 8\)"):
        load_profile(path)


def test_an_unknown_profile_names_the_shipped_ones() -> None:
    with pytest.raises(ProfileError, match="demo"):
        load_profile("nonsense")


@pytest.mark.parametrize("name", shipped_profiles())
def test_shipped_profiles_have_no_fault(name: str) -> None:
    assert examine(name).faults == ()
    assert load_profile(name).name == name
