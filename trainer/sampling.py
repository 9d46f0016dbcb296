"""Chooses the next token by temperature and top-p, the same way for every engine. Needs NumPy alone.

It is imported where it is used: without the extra the trainer must still be able to say what is missing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from trainer.spec import TrainerError

Logits = Any
"""One row of scores, an array of NumPy."""
Chooser = Callable[[Logits], int]

LARGEST_SEED = 2**53
"""A larger whole number is not the same one in every reader of JSON."""


class SamplingError(TrainerError):
    """Settings of sampling that make no sense; the message names the setting."""

    title = "Sampling problem"


class Sampling(NamedTuple):
    """How answers are drawn, and how many of one prompt."""

    temperature: float = 0.8
    """0 takes the likeliest token each time."""
    top_p: float = 0.95
    """Share of the likeliest tokens that are drawn from."""
    seed: int = 0
    """Of the first answer; each further one has the next number."""
    n: int = 4

    def checked(self) -> Sampling:
        """Return the same settings.

        Raises:
            SamplingError: one is out of its range.
        """
        if not 0 <= self.temperature <= 10:
            raise SamplingError(f"The temperature must lie between 0 and 10, not {self.temperature:g}.")
        if not 0 < self.top_p <= 1:
            raise SamplingError(f"top-p must be above 0 and at most 1, not {self.top_p:g}.")
        if not 1 <= self.n <= 64:
            raise SamplingError(f"1 to 64 answers can be drawn at once, not {self.n}.")
        if not 0 <= self.seed <= LARGEST_SEED - self.n:
            raise SamplingError(f"The seed must lie between 0 and 2^53, not be {self.seed}.")
        if self.temperature == 0 and self.n > 1:
            raise SamplingError("At temperature 0 all answers are the same: ask for one, or raise it.")
        return self

    def seeds(self) -> list[int]:
        """Return the seed of each answer."""
        return [self.seed + number for number in range(self.n)]

    def choosers(self) -> list[Chooser]:
        """Return a chooser for each answer, with a random stream of its own."""
        return [self._chooser(seed) for seed in self.seeds()]

    def _chooser(self, seed: int) -> Chooser:
        stream = random.Random(seed)
        return lambda logits: choose(logits, self.temperature, self.top_p, stream.random())


def choose(logits: Logits, temperature: float, top_p: float, at: float) -> int:
    """Return the token at point ``at`` (0 to 1) of the distribution that the settings make of ``logits``."""
    import numpy as np

    if temperature == 0:
        return int(np.argmax(logits))
    chances = _chances(np.asarray(logits, dtype=np.float64), temperature)
    tokens = _nucleus(chances, top_p) if top_p < 1 else np.flatnonzero(chances)
    reached = np.cumsum(chances[tokens])
    place = int(np.searchsorted(reached, at * reached[-1], side="right"))
    return int(tokens[min(place, len(tokens) - 1)])


def _chances(logits: Logits, temperature: float) -> Any:
    import numpy as np

    raised = np.exp((logits - logits.max()) / temperature)
    return raised / raised.sum()


def _nucleus(chances: Any, top_p: float) -> Any:
    """Return the fewest likeliest tokens that have ``top_p`` of the chances, likeliest first."""
    import numpy as np

    # What lies below this share cannot be needed, and sorting the whole vocabulary is the slow part.
    likely = np.flatnonzero(chances >= (1 - top_p) / len(chances))
    ranked = likely[np.argsort(-chances[likely], kind="stable")]
    needed = int(np.searchsorted(np.cumsum(chances[ranked]), top_p)) + 1
    return ranked[:needed]
