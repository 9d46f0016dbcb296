from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curator.jobs import QuietProgress
from curator.model import Message
from curator.profiles import load_profile
from curator.review import Desk
from curator.review.alternatives import Asking, Model, draw
from tests.factories import fill, make_turn, open_store
from tests.trainer import tiny
from tests.trainer.conftest import needs_llama
from trainer import __main__ as cli
from trainer.answers import draw_answers, read_answers
from trainer.control import Stopped
from trainer.engines import Contestant
from trainer.events import read_events
from trainer.predict import read_suite
from trainer.sampling import Sampling, SamplingError, choose

SCORES = np.log(np.array([0.5, 0.05, 0.3, 0.15]))


def drawn(temperature: float, top_p: float, count: int = 4000) -> dict[int, float]:
    stream = random.Random(1)
    found = Counter(choose(SCORES, temperature, top_p, stream.random()) for _ in range(count))
    return {token: times / count for token, times in found.items()}


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from trainer.model import load_base
    from trainer.spec import BaseSpec

    folder = tmp_path_factory.mktemp("adapted") / "adapter"
    tiny.random_adapter(load_base(BaseSpec(str(base), "hf"), "fp32").model, folder)
    return folder


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    return tiny.jsonl(tmp_path / "prompts.jsonl", tiny.cases(2))


def sample(base: Path, prompts: Path, out: Path, *more: str) -> list[dict[str, Any]]:
    paths = ["--base", str(base), "--prompts", str(prompts), "--out", str(out)]
    settings = ["--precision", "fp32", "--max-new-tokens", "8", "--temperature", "1.5", "--top-p", "0.9"]
    assert cli.main(["sample", *paths, *settings, *more]) == 0
    return list(read_answers(out))


def raws(answers: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    return {(made["prompt"], made["number"]): made["raw"] for made in answers}


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    assert drawn(1, 1) == pytest.approx({0: 0.5, 1: 0.05, 2: 0.3, 3: 0.15}, abs=0.03)
    assert drawn(1, 0.79) == pytest.approx({0: 0.625, 2: 0.375}, abs=0.03)
    assert drawn(1, 0.81) == pytest.approx({0: 0.526, 2: 0.316, 3: 0.158}, abs=0.03)
    assert drawn(1, 0.4) == {0: 1}
    cold, hot = drawn(0.5, 1), drawn(5, 1)
    assert cold[0] == pytest.approx(0.25 / 0.365, abs=0.03)
    assert hot[0] < 0.4
    assert drawn(0, 1) == {0: 1}


def test_every_point_gives_a_token_that_can_be_drawn() -> None:
    for at in (0.0, 0.5, 1.0 - 2**-53, 1.0):
        assert choose(np.array([-np.inf, 3.0, -np.inf, 3.0]), 1, 1, at) in (1, 3)
        assert choose(np.array([-np.inf, 3.0, -np.inf, 3.0]), 1, 0.99, at) in (1, 3)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"temperature": -0.1}, "temperature must lie"),
        ({"temperature": 0}, "all answers are the same"),
        ({"top_p": 0}, "top-p must be"),
        ({"top_p": 1.1}, "top-p must be"),
        ({"n": 0}, "1 to 64 answers"),
        ({"seed": -1}, "seed must lie"),
        ({"seed": 2**53}, "seed must lie"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SamplingError, match=says):
        Sampling()._replace(**changes).checked()


@pytest.mark.parametrize("engine", ["transformers", pytest.param("llama", marks=needs_llama)])
@pytest.mark.parametrize("with_adapter", [False, True])
def test_the_same_seed_gives_the_same_answers(
    engine: str, with_adapter: bool, gguf_base: Path, adapter: Path, prompts: Path, tmp_path: Path
) -> None:
    more = ["--engine", engine, "--n", "3", *(["--adapter", str(adapter)] if with_adapter else [])]
    first = sample(gguf_base, prompts, tmp_path / "a.jsonl", *more, "--seed", "7")
    again = sample(gguf_base, prompts, tmp_path / "b.jsonl", *more, "--seed", "7")
    other = sample(gguf_base, prompts, tmp_path / "c.jsonl", *more, "--seed", "70")
    assert raws(first) == raws(again)
    assert sorted(raws(first)) == [(case, number) for case in ("c0", "c1") for number in range(3)]
    assert not set(raws(first).values()) & set(raws(other).values())
    assert len(set(raws(first).values())) > 3
    for made in first:
        settings = made["settings"]
        assert (settings["seed"], settings["temperature"], settings["top_p"]) == (
            7 + made["number"],
            1.5,
            0.9,
        )
        assert settings["engine"].startswith(engine)
        assert made["model"]["base"] == str(gguf_base)
        assert made["model"]["adapter"] == (str(adapter) if with_adapter else None)


@needs_llama
def test_an_answer_does_not_depend_on_those_before_it(gguf_base: Path, prompts: Path, tmp_path: Path) -> None:
    whole = sample(gguf_base, prompts, tmp_path / "a.jsonl", "--engine", "llama", "--n", "3")
    alone = sample(gguf_base, prompts, tmp_path / "b.jsonl", "--engine", "llama", "--n", "1", "--seed", "2")
    assert [made["raw"] for made in alone] == [made["raw"] for made in whole if made["settings"]["seed"] == 2]


def test_at_temperature_zero_the_answer_is_the_prediction(base: Path, prompts: Path, tmp_path: Path) -> None:
    found = sample(base, prompts, tmp_path / "out.jsonl", "--n", "1", "--temperature", "0")
    out = tmp_path / "greedy.jsonl"
    more = ["--precision", "fp32", "--max-new-tokens", "8"]
    arguments = ["predict", "--base", str(base), "--suite", str(prompts), "--out", str(out), *more]
    assert cli.main(arguments) == 0
    greedy = [json.loads(line)["raw"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert [raws(found)[case, 0] for case in ("c0", "c1")] == greedy


def test_progress_counts_the_answers(base: Path, prompts: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    sample(base, prompts, tmp_path / "out.jsonl", "--n", "2", "--events", str(events))
    told = read_events(events)[0]
    assert [event.get("name") for event in told[:2]] == ["load", "sample"]
    assert told[1]["total"] == 4
    assert [event["done"] for event in told[2:]] == [1, 2, 3, 4]


def test_a_prompt_that_does_not_fit_is_refused_before_the_model_is_loaded(
    base: Path, prompts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    paths = ["--base", str(base), "--prompts", str(prompts), "--out", str(out)]
    assert cli.main(["sample", *paths, "--max-new-tokens", "500"]) == 2
    said = capsys.readouterr().err
    assert "The prompt c0 has" in said
    assert "more than the 512 that the model can read" in said
    assert not out.exists()


def test_what_was_finished_is_kept_when_it_is_stopped(base: Path, prompts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = [0]

    def check() -> None:
        if done[-1] >= 3:
            raise Stopped("Stopped as asked.")

    with pytest.raises(Stopped):
        draw_answers(
            Contestant(base, precision="fp32"),
            read_suite(prompts),
            Sampling(n=30),
            8,
            out,
            on_progress=lambda progress: done.append(progress.done),
            check=check,
        )
    assert done[-1] == len(list(read_answers(out)))
    assert 3 <= done[-1] < 60


def test_a_cut_line_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"raw": "a"}\n{"raw": "b', encoding="utf-8")
    assert list(read_answers(path)) == [{"raw": "a"}]


def test_a_review_draws_answers_through_a_process_of_its_own(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    store = open_store(tmp_path)
    fill(store, [make_turn(0, prompt=(Message("user", "Light in the attic please"),))])
    desk = Desk(store, load_profile("demo"), "ann")
    asking = Asking(n=3, temperature=1.5, seed=11, max_tokens=6)
    progress = QuietProgress()
    model = Model("tiny + adapter", base, adapter)
    drawn = draw(desk, 1, model, asking, progress)
    assert (progress.done, progress.total, drawn.stopped) == (3, 3, False)
    assert sorted(one.settings["seed"] for one in drawn.new) == [11, 12, 13]
    assert {one.model for one in drawn.new} == {"tiny + adapter"}
    store.close()
