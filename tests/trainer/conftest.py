from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from tests.trainer import tiny

# Tiny matrices gain nothing from more threads, and spinning ones starve the trainers under test.
os.environ.setdefault("OMP_NUM_THREADS", "1")

collect_ignore = (
    []
    if importlib.util.find_spec("trl")
    else ["test_data.py", "test_predict.py", "test_gguf.py", "test_answers.py"]
)


@pytest.fixture(autouse=True)
def offline_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Converted bases and base predictions go to a folder of this test session."""
    cache = tmp_path_factory.getbasetemp() / "curator-cache"
    monkeypatch.setenv("CURATOR_CACHE", str(cache))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return cache


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base in Hugging Face's layout."""
    pytest.importorskip("trl", reason="the extra train is not installed")
    return tiny.save_base(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(scope="session")
def gguf_base(base: Path) -> Path:
    """The same base as a GGUF file."""
    pytest.importorskip("gguf")
    return tiny.save_gguf(base, base.parent / "tiny.gguf")


needs_llama = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)
