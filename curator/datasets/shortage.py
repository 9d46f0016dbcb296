"""Which classes of calls a data set is short of."""

from __future__ import annotations

from curator.datasets.meters import Meters, bands
from curator.model import CallClass
from curator.profiles import Profile


def lacking(meters: Meters, profile: Profile) -> tuple[CallClass, ...]:
    """Return the classes that are below their bands, the one that lacks most first.

    Where one is above its band and none below, every other class would bring it back.
    """
    states = [band for band in bands(meters, profile) if band.id in profile.bands]
    short = [band for band in states if band.state in ("low", "empty") and band.low]
    if not short and any(band.state == "high" for band in states):
        short = [band for band in states if band.state != "high"]
    return tuple(band.id for band in sorted(short, key=lambda band: band.share - band.low))
