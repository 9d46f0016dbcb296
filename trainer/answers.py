"""Draws several answers to each prompt and appends them to a file, each as soon as it is finished.

A line per answer: ``{"prompt", "number", "model": {"base", "sha256", "adapter"}, "settings": {"engine",
"temperature", "top_p", "seed", "max_new_tokens"}, "raw", "tokens", "seconds", "finish_reason"}``. The same
command on the same machine gives the same answers: the seed of each stands in its line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from trainer.engines import Contestant, Reading, opened, reading
from trainer.generate import Generation
from trainer.predict import Case, Progress, prompt_ids
from trainer.sampling import Sampling, SamplingError


def draw_answers(
    contestant: Contestant,
    prompts: Sequence[Case],
    sampling: Sampling,
    max_new_tokens: int,
    out: Path,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    check: Callable[[], None] = lambda: None,
) -> int:
    """Append ``sampling.n`` answers to each prompt to ``out`` and return how many were written.

    Args:
        on_progress: called when the model is loaded, and after every answer.
        check: called between steps; it may raise to stop. What was finished stays in the file.

    Raises:
        SamplingError: a setting is out of its range, or a prompt cannot be read by the model.
        TrainerError: model or adapter cannot be loaded.
    """
    sampling.checked()
    read = reading(contestant)
    tokens = [_fitting(read, prompt, max_new_tokens) for prompt in prompts]
    check()
    out.parent.mkdir(parents=True, exist_ok=True)
    room = max(map(len, tokens)) + max_new_tokens
    with opened(contestant, read, room) as engine, out.open("a", encoding="utf-8") as file:
        check()
        repeated = [ids for ids in tokens for _ in range(sampling.n)]
        choosers = [chooser for _ in tokens for chooser in sampling.choosers()]
        counted = _Counter(len(repeated), on_progress)
        for made in engine.generate(repeated, max_new_tokens, check, choosers):
            case, number = divmod(made.position, sampling.n)
            text = read.tokenizer.decode(made.tokens, skip_special_tokens=False)
            about = _about(contestant, read, sampling, number, max_new_tokens)
            line = {"prompt": prompts[case].id, "number": number, **about, "raw": text}
            _append(file, {**line, **_outcome(made)})
            counted.add(len(made.tokens))
    return counted.done


def read_answers(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the answers of a file; a last line that was cut is left out."""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def _fitting(read: Reading, prompt: Case, max_new_tokens: int) -> list[int]:
    from jinja2 import TemplateError

    try:
        tokens = prompt_ids(read.tokenizer, prompt)
    except (TemplateError, TypeError, KeyError) as error:
        raise SamplingError(f"The chat template refuses the prompt {prompt.id}: {error}.") from error
    if read.context is not None and len(tokens) + max_new_tokens > read.context:
        raise SamplingError(
            f"The prompt {prompt.id} has {len(tokens)} tokens; with {max_new_tokens} for the answer that is "
            f"more than the {read.context} that the model can read."
        )
    return tokens


def _about(
    contestant: Contestant, read: Reading, sampling: Sampling, number: int, max_new_tokens: int
) -> dict[str, Any]:
    adapter = None if contestant.adapter is None else str(contestant.adapter)
    return {
        "model": {"base": str(contestant.base), "sha256": read.sha256, "adapter": adapter},
        "settings": {
            "engine": contestant.engine_id,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seeds()[number],
            "max_new_tokens": max_new_tokens,
        },
    }


def _outcome(made: Generation) -> dict[str, Any]:
    return {
        "tokens": len(made.tokens),
        "seconds": round(made.seconds, 3),
        "finish_reason": made.finish_reason,
    }


def _append(file: IO[str], line: dict[str, Any]) -> None:
    file.write(json.dumps(line, ensure_ascii=False) + "\n")
    file.flush()


class _Counter:
    """Tells how far the answers are."""

    def __init__(self, total: int, tell: Callable[[Progress], None]) -> None:
        self.done = 0
        self._total, self._tell, self._tokens = total, tell, 0
        self._began = time.perf_counter()
        self._told()

    def add(self, tokens: int) -> None:
        self.done += 1
        self._tokens += tokens
        self._told()

    def _told(self) -> None:
        seconds = time.perf_counter() - self._began
        left = seconds / self.done * (self._total - self.done) if self.done else 0.0
        self._tell(Progress(self.done, self._total, self._tokens, round(seconds, 2), round(left, 1)))
