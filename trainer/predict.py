"""Greedy predictions for a suite, by transformers or llama.cpp. Scoring them is not its business.

A predictions file has a line per case, in the suite's order:
``{"id", "raw", "tokens", "seconds", "finish_reason"}``.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from trainer.data import Messages, Tools, render, token_ids
from trainer.generate import Generation, Limits, Prompt, generate
from trainer.model import cache_folder, file_sha256
from trainer.sampling import Chooser
from trainer.spec import TrainerError

GENERATION = 1
"""Part of the cache key: raise it when the same suite would give other predictions."""


class SuiteError(TrainerError):
    """A suite that cannot be read; the message names file and line."""

    title = "Suite problem"


class Case(NamedTuple):
    """One held-out prompt."""

    id: str
    prompt: Messages
    tools: Tools | None
    """Handed to the chat template; None when the prompt itself lists them."""


class Prediction(NamedTuple):
    """What a model answered to one case."""

    id: str
    raw: str
    """The new text with special tokens, without the token that ends the turn."""
    tokens: int
    seconds: float
    finish_reason: str


class Progress(NamedTuple):
    """How far the predictions are."""

    done: int
    total: int
    tokens: int
    seconds: float
    eta_s: float


class Engine(Protocol):
    """Continues prompts, greedily or by choosers."""

    def generate(
        self,
        prompts: Sequence[Prompt],
        max_new_tokens: int,
        check: Callable[[], None],
        choosers: Sequence[Chooser] | None = None,
    ) -> Iterator[Generation]:
        """Yield a generation for every prompt, in any order; ``check`` may raise to stop.

        Each prompt has a chooser that draws its tokens, or the likeliest is taken.
        """
        ...


class TransformersEngine:
    """The model in memory. An adapter in it is folded into the weights, for good.

    A decoding step is then as fast as the base's; apart, the adapter more than doubles it.
    """

    def __init__(self, model: Any, tokenizer: Any, batch_size: int = 32) -> None:
        self._model = model.merge_and_unload() if model_has_adapter(model) else model
        self._batch_size = batch_size
        self._pad = int(tokenizer.pad_token_id)
        self._ends = end_tokens(model.generation_config, tokenizer)

    def generate(
        self,
        prompts: Sequence[Prompt],
        max_new_tokens: int,
        check: Callable[[], None],
        choosers: Sequence[Chooser] | None = None,
    ) -> Iterator[Generation]:
        """Generate in batches that share the common prefix of all prompts."""
        limits = Limits(self._ends, self._pad, max_new_tokens, self._batch_size)
        return generate(self._model, prompts, limits, check, choosers)


def model_has_adapter(model: Any) -> bool:
    """Return whether PEFT has put an adapter into the model."""
    from peft import PeftModel

    return isinstance(model, PeftModel)


def end_tokens(config: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end a turn, by the generation config and the tokenizer."""
    stated = config.eos_token_id
    several = stated if isinstance(stated, list) else [stated]
    return frozenset(token for token in (*several, tokenizer.eos_token_id) if token is not None)


def read_suite(path: Path, what: str = "suite") -> list[Case]:
    """Return the cases of a suite file; ``what`` it is called in messages.

    Raises:
        SuiteError: the file is not there, empty, or a line is no case.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SuiteError(f"The {what} {path} cannot be read: {error.strerror or error}.") from error
    cases = [
        _case(line, f"{path.name} line {number}") for number, line in enumerate(lines, 1) if line.strip()
    ]
    if not cases:
        raise SuiteError(f"The {what} {path} has no cases.")
    return cases


def predict(
    engine: Engine,
    tokenizer: Any,
    cases: Sequence[Case],
    max_new_tokens: int,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    check: Callable[[], None] = lambda: None,
) -> list[Prediction]:
    """Return a prediction for every case, in their order.

    Args:
        on_progress: called after every case.
        check: called between steps; it may raise to stop.
    """
    prompts = [prompt_ids(tokenizer, case) for case in cases]
    found: dict[int, Prediction] = {}
    began, tokens = time.perf_counter(), 0
    for made in engine.generate(prompts, max_new_tokens, check):
        text = tokenizer.decode(made.tokens, skip_special_tokens=False)
        found[made.position] = Prediction(
            cases[made.position].id, text, len(made.tokens), round(made.seconds, 3), made.finish_reason
        )
        tokens += len(made.tokens)
        seconds = time.perf_counter() - began
        eta_s = seconds / len(found) * (len(cases) - len(found))
        on_progress(Progress(len(found), len(cases), tokens, round(seconds, 2), round(eta_s, 1)))
    return [found[index] for index in range(len(cases))]


def prompt_ids(tokenizer: Any, case: Case) -> list[int]:
    """Return the tokens a model is given for a case."""
    return token_ids(tokenizer, render(tokenizer, case.prompt, case.tools, add_generation_prompt=True))


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    """Write a predictions file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        for prediction in predictions:
            file.write(json.dumps(prediction._asdict(), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_predictions(path: Path) -> list[Prediction]:
    """Return what ``write_predictions`` wrote."""
    return [Prediction(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def cached_predictions(base_sha256: str, suite: Path, engine: str, max_new_tokens: int) -> Path:
    """Return where the base's predictions for a suite are kept, whether they are there or not."""
    parts = (base_sha256, file_sha256(suite), engine, str(max_new_tokens), str(GENERATION))
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return cache_folder() / "predictions" / f"{key}.jsonl"


def _case(line: str, place: str) -> Case:
    try:
        values = json.loads(line)
        tools = None if values.get("tools_in_prompt") else values.get("tools")
        return Case(str(values["id"]), list(values["prompt"]), tools or None)
    except (ValueError, AttributeError, TypeError) as error:
        raise SuiteError(f"{place} is no case: {error}.") from error
    except KeyError as error:
        raise SuiteError(f"{place} has no {error.args[0]!r}.") from error
