"""Every tier against its target: what it has, and how many rows it still wants."""

from __future__ import annotations

from msgspec import Struct

from curator.profiles import Profile
from curator.store import Store, TierCounts


class TierState(Struct, frozen=True):
    """One tier of the logs or of the profile."""

    counts: TierCounts
    target: int
    """SFT rows that the profile wants; 0 where it wants no number."""

    @property
    def missing(self) -> int:
        """SFT rows that are still wanted."""
        return max(0, self.target - self.counts.sft_rows)


def tier_states(store: Store, profile: Profile) -> tuple[TierState, ...]:
    """Return the tiers of the profile in its order, then the others of the logs."""
    counted = {one.tier: one for one in store.summaries.tiers()}
    order = dict.fromkeys([*profile.tiers, *counted])
    return tuple(TierState(counted.get(name, TierCounts(name)), _target(profile, name)) for name in order)


def _target(profile: Profile, name: str) -> int:
    tier = profile.tiers.get(name)
    return tier.target_rows if tier else 0
