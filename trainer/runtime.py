"""llama.cpp with adapters that are swapped in place, through llama-cpp-python's low-level calls."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from trainer.extras import missing_extra
from trainer.spec import TrainerError

if TYPE_CHECKING:
    from trainer.generate import Generation, Prompt
    from trainer.sampling import Chooser

_MAGIC = b"GGUF"


class RuntimeProblem(TrainerError):
    """llama.cpp cannot load or use a file."""

    title = "llama.cpp problem"


class Runtime:
    """One base model in llama.cpp and any number of adapters, of which one or none is active.

    Close it explicitly (or use it in ``with``): the C side does not survive interpreter exit.
    """

    def __init__(self, base: Path, *, context: int = 2048, threads: int | None = None) -> None:
        """Load ``base``, a GGUF file.

        Args:
            context: the most tokens of prompt and answer together.
            threads: all cores but one when not given, for llama.cpp stalls when it has to share.

        Raises:
            MissingExtraError: llama-cpp-python is not installed.
            RuntimeProblem: the file is not there or no GGUF.
        """
        try:
            import llama_cpp
        except ImportError as error:
            raise missing_extra("llama", error) from error
        _check_file(base)
        self._api: Any = llama_cpp
        count = threads or max(1, (os.cpu_count() or 2) - 1)
        try:
            self._llama: Any = llama_cpp.Llama(
                str(base), n_ctx=context, n_threads=count, n_threads_batch=count, verbose=False
            )
        except ValueError as error:
            raise RuntimeProblem(f"llama.cpp cannot load {base}: {error}.") from error
        self._adapters: dict[Path, Any] = {}
        self.active: Path | None = None

    def swap(self, adapter: Path | None) -> float:
        """Make ``adapter`` (an adapter GGUF) the active one, or none; return the milliseconds it took.

        The first use of an adapter also loads it. The context is forgotten, because keys and values
        of one adapter are wrong for another.

        Raises:
            RuntimeProblem: the file is not there, no adapter, or made for another model.
        """
        loaded = None if adapter is None else self._loaded(adapter)
        began = time.perf_counter()
        pointers = (self._api.llama_adapter_lora_p_ctypes * 1)(loaded) if loaded else None
        scales = (ctypes.c_float * 1)(1.0) if loaded else None
        if self._api.llama_set_adapters_lora(self._llama.ctx, pointers, 1 if loaded else 0, scales):
            raise RuntimeProblem(f"llama.cpp refuses the adapter {adapter}.")
        self._llama.reset()
        self.active = adapter
        return (time.perf_counter() - began) * 1000

    def tokenize(self, text: str) -> list[int]:
        """Return llama.cpp's own tokens of rendered text, special tokens recognised."""
        tokens: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=True)
        return tokens

    def logits(self, tokens: Sequence[int]) -> list[float]:
        """Return the logits after the last of ``tokens``, read anew."""
        self._llama.reset()
        self._llama.eval(list(tokens))
        pointer = self._api.llama_get_logits_ith(self._llama.ctx, -1)
        return list(pointer[: self._llama.n_vocab()])

    def continue_greedily(
        self, prompt: Sequence[int], end_tokens: frozenset[int], max_new_tokens: int
    ) -> tuple[list[int], bool]:
        """Return the new tokens and whether an end token came; a prefix read before is not read again.

        Raises:
            RuntimeProblem: prompt and answer do not fit into the context.
        """
        self._require_room(prompt, max_new_tokens)
        found: list[int] = []
        for token in self._llama.generate(list(prompt), temp=0.0, repeat_penalty=1.0):
            if token in end_tokens:
                return found, True
            found.append(int(token))
            if len(found) == max_new_tokens:
                break
        return found, False

    def draw(
        self,
        prompt: Sequence[int],
        end_tokens: frozenset[int],
        max_new_tokens: int,
        chooser: Chooser,
        check: Callable[[], None],
    ) -> tuple[list[int], bool]:
        """Return new tokens that ``chooser`` drew one by one, and whether an end token came.

        Raises:
            RuntimeProblem: prompt and answer do not fit into the context.
        """
        self._require_room(prompt, max_new_tokens)
        self._read_all_but_last(prompt)
        found: list[int] = []
        last = prompt[-1]
        while len(found) < max_new_tokens:
            check()
            self._llama.eval([last])
            last = chooser(self._last_logits())
            if last in end_tokens:
                return found, True
            found.append(last)
        return found, False

    def close(self) -> None:
        """Free the adapters and the model."""
        for pointer in self._adapters.values():
            self._api.llama_adapter_lora_free(pointer)
        self._adapters.clear()
        self._llama.close()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _require_room(self, prompt: Sequence[int], max_new_tokens: int) -> None:
        if len(prompt) + max_new_tokens > self._llama.n_ctx():
            raise RuntimeProblem(
                f"A prompt of {len(prompt)} tokens and {max_new_tokens} new ones are more than the context "
                f"of {self._llama.n_ctx()}."
            )

    def _read_all_but_last(self, prompt: Sequence[int]) -> None:
        """Bring the context to the prompt without its last token; what it holds of it stays as it is.

        The last token is then always read alone, so that an answer does not depend on those before it.
        """
        wanted = list(prompt[:-1])
        read = self._llama.n_tokens
        kept = len(wanted) if self._llama.input_ids[:read].tolist()[: len(wanted)] == wanted else 0
        # A recurrent model cannot forget a part.
        if not kept or not self._llama._ctx.kv_cache_seq_rm(-1, kept, -1):
            self._llama.reset()
            self._llama.eval(wanted)
        else:
            self._llama.n_tokens = kept

    def _last_logits(self) -> Any:
        import numpy

        pointer = self._api.llama_get_logits_ith(self._llama.ctx, -1)
        return numpy.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),))

    def _loaded(self, adapter: Path) -> Any:
        key = adapter.resolve()
        if key not in self._adapters:
            _check_file(adapter)
            pointer = self._api.llama_adapter_lora_init(self._llama.model, str(adapter).encode())
            # A failure is a NULL pointer object, which is not None.
            if not pointer:
                raise RuntimeProblem(f"{adapter} is no adapter for this model, as llama.cpp sees it.")
            self._adapters[key] = pointer
        return self._adapters[key]


class LlamaEngine:
    """A runtime as an engine of ``trainer.predict``: one prompt after the other."""

    def __init__(self, runtime: Runtime, end_tokens: frozenset[int]) -> None:
        self._runtime = runtime
        self._ends = end_tokens

    def generate(
        self,
        prompts: Sequence[Prompt],
        max_new_tokens: int,
        check: Callable[[], None],
        choosers: Sequence[Chooser] | None = None,
    ) -> Iterator[Generation]:
        """Generate in order; ``check`` runs before every prompt, and before every token that is drawn."""
        from trainer.generate import Generation

        for index, prompt in enumerate(prompts):
            check()
            began = time.perf_counter()
            if choosers is None:
                tokens, ended = self._runtime.continue_greedily(prompt, self._ends, max_new_tokens)
            else:
                tokens, ended = self._runtime.draw(prompt, self._ends, max_new_tokens, choosers[index], check)
            yield Generation(index, tokens, time.perf_counter() - began, "stop" if ended else "length")


def _check_file(path: Path) -> None:
    """Refuse what would make the C side end the process."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise RuntimeProblem(f"{path} cannot be read: {error.strerror or error}.") from error
    if magic != _MAGIC:
        raise RuntimeProblem(f"{path} is no GGUF file.")
