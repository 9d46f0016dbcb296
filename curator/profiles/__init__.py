"""Profiles: what one project demands of its data, as a TOML file."""

from __future__ import annotations

from curator.profiles.faults import Fault, near
from curator.profiles.loading import (
    Examined,
    examine,
    examine_text,
    load_profile,
    located,
    profile_path,
    shipped_profiles,
)
from curator.profiles.model import (
    CoverageItem,
    Criterion,
    Deployment,
    DeployRule,
    Evaluation,
    Expectation,
    Gates,
    Lengths,
    Policy,
    Preset,
    Profile,
    Quality,
    Share,
    Split,
    Tier,
    ToolSchemas,
)
from curator.profiles.tools import offered_tools, profile_tools

__all__ = [
    "CoverageItem",
    "Criterion",
    "DeployRule",
    "Deployment",
    "Evaluation",
    "Examined",
    "Expectation",
    "Fault",
    "Gates",
    "Lengths",
    "Policy",
    "Preset",
    "Profile",
    "Quality",
    "Share",
    "Split",
    "Tier",
    "ToolSchemas",
    "examine",
    "examine_text",
    "load_profile",
    "located",
    "near",
    "offered_tools",
    "profile_path",
    "profile_tools",
    "shipped_profiles",
]
