"""Opens a model with or without an adapter, in transformers or llama.cpp, as an engine that answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from transformers import AutoConfig, AutoTokenizer, GenerationConfig

from trainer.model import base_folder, load_base, weight_dtype
from trainer.predict import Engine, TransformersEngine, end_tokens
from trainer.spec import Precision, TrainerError, base_spec

EngineName = Literal["transformers", "llama"]


class Contestant(NamedTuple):
    """A base model with or without an adapter, and what runs it."""

    base: Path
    """Hugging Face folder or GGUF file."""
    adapter: Path | None = None
    """PEFT folder, or adapter GGUF for the llama engine."""
    engine: EngineName = "transformers"
    precision: Precision = "auto"

    @property
    def engine_id(self) -> str:
        """What decides about rounding: the engine, and the type of its weights where that is chosen."""
        if self.engine == "llama":
            return "llama"
        return f"transformers-{weight_dtype(self.precision)}"


class Reading(NamedTuple):
    """What is needed to read prompts, without the weights."""

    tokenizer: Any
    sha256: str
    """Of the base."""
    context: int | None
    """The most tokens of prompt and answer together; None where the model does not say."""
    ends: frozenset[int]
    """Tokens that end a turn."""


def reading(contestant: Contestant) -> Reading:
    """Return tokenizer, hash and limits of the base.

    Raises:
        TrainerError: the base is not there, or the engine cannot run it.
    """
    if contestant.engine == "llama" and contestant.base.is_dir():
        raise TrainerError(f"The llama engine needs a GGUF file as base, not the folder {contestant.base}.")
    folder, sha256, _ = base_folder(base_spec(contestant.base))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not tokenizer.chat_template:
        raise TrainerError(f"The base {contestant.base} has no chat template, so prompts cannot be rendered.")
    config = AutoConfig.from_pretrained(folder).get_text_config().to_dict()
    ends = end_tokens(GenerationConfig.from_pretrained(folder), tokenizer)
    return Reading(tokenizer, sha256, config.get("max_position_embeddings"), ends)


@contextmanager
def opened(contestant: Contestant, read: Reading, room: int) -> Iterator[Engine]:
    """Load the model for prompts and answers of at most ``room`` tokens together; free it at the end.

    Raises:
        TrainerError: model or adapter cannot be loaded.
    """
    if contestant.engine == "llama":
        from trainer.runtime import LlamaEngine, Runtime

        adapter = _adapter_file(contestant.adapter, contestant.base)
        with Runtime(contestant.base, context=room + 8) as runtime:
            runtime.swap(adapter)
            yield LlamaEngine(runtime, read.ends)
        return
    loaded = load_base(base_spec(contestant.base), contestant.precision)
    model = loaded.model if contestant.adapter is None else _with_adapter(loaded.model, contestant.adapter)
    yield TransformersEngine(model, loaded.tokenizer)


def _adapter_file(adapter: Path | None, base: Path) -> Path | None:
    """Return the adapter as GGUF; a PEFT folder is converted beside itself, again when it is newer."""
    if adapter is None or not adapter.is_dir():
        return adapter
    from trainer.gguf import convert_adapter

    target = adapter.parent / f"{adapter.name}.gguf"
    weights = adapter / "adapter_model.safetensors"
    if not target.is_file() or not weights.is_file() or target.stat().st_mtime < weights.stat().st_mtime:
        convert_adapter(adapter, base, target)
    return target


def _with_adapter(model: Any, adapter: Path) -> Any:
    from peft import PeftModel

    if not (adapter / "adapter_config.json").is_file():
        raise TrainerError(f"{adapter} is no PEFT adapter: it has no adapter_config.json.")
    return PeftModel.from_pretrained(model, adapter).eval()
