"""docs/profiles.md explains every key of the model, in the part of its own table."""

from __future__ import annotations

import re

import pytest
from msgspec import Struct, structs

from curator.profiles import (
    CoverageItem,
    Criterion,
    Deployment,
    DeployRule,
    Evaluation,
    Expectation,
    Gates,
    Lengths,
    Preset,
    Profile,
    Quality,
    Split,
    Tier,
    ToolSchemas,
    shipped_profiles,
)
from curator.profiles import model as profile_model
from tests.shared import ROOT

TABLES: dict[str, type[Struct]] = {
    "## Every key": Profile,
    "### `[tiers.NAME]`": Tier,
    "### `[coverage.NAME]`": CoverageItem,
    "### `[[expectations]]`": Expectation,
    "### `[tools]`": ToolSchemas,
    "### `[lengths]`": Lengths,
    "### `[split]`": Split,
    "### `[quality]`": Quality,
    "### `[gates]`": Gates,
    "### `[presets.NAME]`": Preset,
    "### `[evaluation]`": Evaluation,
    "### `[[evaluation.criteria]]`": Criterion,
    "### `[deployment]`": Deployment,
    "### `[[deployment.rules]]`": DeployRule,
}
DOC = (ROOT / "docs" / "profiles.md").read_text("utf-8")


def explained(heading: str) -> set[str]:
    """The keys in the first column of the table below a heading."""
    part = DOC.split(f"\n{heading}\n")[1].split("\n#")[0]
    return set(re.findall(r"^\| `(\w+)` \| \S", part, re.MULTILINE))


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_explained_and_no_other(heading: str) -> None:
    assert explained(heading) == {field.encode_name for field in structs.fields(TABLES[heading])}


def test_no_table_of_the_model_is_left_out() -> None:
    known = {
        one
        for one in vars(profile_model).values()
        if isinstance(one, type) and issubclass(one, Struct) and one.__module__ == profile_model.__name__
    }
    assert known == set(TABLES.values())


def test_every_shipped_profile_stands_there() -> None:
    for name in shipped_profiles():
        assert f"`{name}`" in DOC
