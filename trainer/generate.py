"""Generation with transformers: batched, left padded, the common prompt prefix read once.

A loop of its own instead of ``model.generate``: rows leave the batch when they end, and the
keys and values of the common prefix are shared by all batches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any, Literal, NamedTuple

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from trainer.attention import fast_decoding
from trainer.model import autocast
from trainer.sampling import Chooser

SHORTEST_PREFIX = 16
"""A shorter common prefix is not worth sharing."""

FinishReason = Literal["stop", "length"]
Prompt = Sequence[int]


class Generation(NamedTuple):
    """What one prompt gave."""

    position: int
    """Of its prompt in the list that was given."""
    tokens: list[int]
    """New tokens without the end token."""
    seconds: float
    """Time from the start of its batch to its end, divided by the size of the batch."""
    finish_reason: FinishReason


class Limits(NamedTuple):
    """When and how generation ends, and how many prompts go together."""

    end_tokens: frozenset[int]
    pad_token: int
    max_new_tokens: int
    batch_size: int = 16
    share_prefix: bool = True


def generate(
    model: Any,
    prompts: Sequence[Prompt],
    limits: Limits,
    check: Callable[[], None] = lambda: None,
    choosers: Sequence[Chooser] | None = None,
) -> Iterator[Generation]:
    """Yield a generation for every prompt, in the order in which they end.

    Args:
        choosers: one for each prompt, to draw its tokens; without them the likeliest is taken.
        check: called before every batch and every step; it may raise to stop.
    """
    if not prompts:
        return
    prefix = common_prefix(prompts) if limits.share_prefix and len(prompts) > 1 else 0
    with torch.inference_mode(), autocast(model), fast_decoding(model):
        shared = _read_prefix(model, prompts[0][:prefix]) if prefix >= SHORTEST_PREFIX else None
        by_length = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
        for start in range(0, len(by_length), limits.batch_size):
            check()
            batch = by_length[start : start + limits.batch_size]
            yield from _Batch(model, batch, prompts, shared, limits, choosers).run(check)


def common_prefix(prompts: Sequence[Prompt]) -> int:
    """Return how many leading tokens all prompts share, leaving at least one token to each."""
    columns = zip(*prompts, strict=False)
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    return min(shared, min(len(prompt) for prompt in prompts) - 1)


def _read_prefix(model: Any, tokens: Prompt) -> DynamicCache | None:
    """Return the keys and values of the prefix, or None where a model's cache cannot be shared."""
    cache = DynamicCache(config=model.config)
    if not _is_plain(cache):
        return None
    inputs = torch.tensor([list(tokens)], device=model.device)
    model(input_ids=inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return cache


def _is_plain(cache: DynamicCache) -> bool:
    """Return whether the cache is keys and values of all tokens and nothing else."""
    return all(type(layer) is DynamicLayer for layer in cache.layers)


class _RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values in memory taken once: growing by concatenation copies them all at every token."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        start = self.get_seq_length()
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self._buffers = [self._empty(states) for states in (key_states, value_states)]
        end = start + key_states.shape[-2]
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, start:end] = states
        self._show(end)
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        end = self.get_seq_length()
        self._buffers = [buffer[indices] for buffer in self._buffers]
        self._show(end)

    def _show(self, end: int) -> None:
        self.keys, self.values = (buffer[:, :, :end] for buffer in self._buffers)

    def _empty(self, states: torch.Tensor) -> torch.Tensor:
        batch, heads, _, width = states.shape
        return states.new_empty(batch, heads, self._room, width)


class _Batch:
    """Prompts that are read and continued together."""

    def __init__(
        self,
        model: Any,
        indices: list[int],
        prompts: Sequence[Prompt],
        shared: DynamicCache | None,
        limits: Limits,
        choosers: Sequence[Chooser] | None,
    ) -> None:
        self.model = model
        self.limits = limits
        self.choosers = choosers
        self.size = len(indices)
        self.began = time.perf_counter()
        self.cache = DynamicCache(config=model.config)
        if _is_plain(self.cache):
            room = max(len(prompts[index]) for index in indices) + limits.max_new_tokens
            self.cache.layers = [_RoomyLayer(room) for _ in self.cache.layers]
        prefix = 0 if shared is None else shared.get_seq_length()
        if shared is not None:
            self._share(shared)
        self.rows = {index: list[int]() for index in indices}
        rests = [list(prompts[index][prefix:]) for index in indices]
        width = max(map(len, rests))
        pads = [width - len(rest) for rest in rests]
        padded = [[limits.pad_token] * pad + rest for pad, rest in zip(pads, rests, strict=True)]
        self.inputs = torch.tensor(padded, device=model.device)
        self.mask = torch.ones(self.size, prefix + width, dtype=torch.long, device=model.device)
        for row, pad in enumerate(pads):
            self.mask[row, prefix : prefix + pad] = 0

    def run(self, check: Callable[[], None]) -> Iterator[Generation]:
        while self.rows:
            check()
            chosen = self._chosen(self._step())
            going_on = []
            for place, (index, token) in enumerate(zip(list(self.rows), chosen, strict=True)):
                reason = self._append(index, token)
                if reason is None:
                    going_on.append(place)
                else:
                    seconds = (time.perf_counter() - self.began) / self.size
                    yield Generation(index, self.rows.pop(index), seconds, reason)
            self._advance(chosen, going_on)

    def _step(self) -> torch.Tensor:
        positions = (self.mask.cumsum(-1) - 1).clamp(min=0)[:, -self.inputs.shape[1] :]
        outputs = self.model(
            input_ids=self.inputs,
            attention_mask=self.mask,
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        scores: torch.Tensor = outputs.logits[:, -1]
        return scores

    def _chosen(self, scores: torch.Tensor) -> list[int]:
        if self.choosers is None:
            best: list[int] = scores.argmax(-1).tolist()
            return best
        rows = scores.float().cpu().numpy()
        return [self.choosers[index](row) for index, row in zip(self.rows, rows, strict=True)]

    def _append(self, index: int, token: int) -> FinishReason | None:
        tokens = self.rows[index]
        if token in self.limits.end_tokens:
            return "stop"
        tokens.append(token)
        return "length" if len(tokens) == self.limits.max_new_tokens else None

    def _advance(self, chosen: list[int], going_on: list[int]) -> None:
        if not going_on:
            return
        if len(going_on) < len(chosen):
            kept = torch.tensor(going_on, device=self.mask.device)
            self.cache.batch_select_indices(kept)
            self.mask = self.mask[kept]
        self.inputs = torch.tensor([[chosen[place]] for place in going_on], device=self.mask.device)
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(going_on), 1)], dim=1)

    def _share(self, shared: DynamicCache) -> None:
        for number, layer in enumerate(shared.layers):
            self.cache.update(
                layer.keys.expand(self.size, -1, -1, -1), layer.values.expand(self.size, -1, -1, -1), number
            )
