"""Runs tasks in worker processes and gives their batches back in order.

Workers are started with ``subprocess``, not ``multiprocessing``, which fails inside a running terminal app.
"""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import NamedTuple, TypeVar

import msgspec

from curator.errors import CuratorError
from curator.ingest.work import Batch, Task
from curator.ingest.worker import BATCH, END, FAILED, Frame, read_frame, write_frame

_QUEUED_BATCHES = 4
_AHEAD = 2
"""Tasks given out for each worker: one that it works on, one that waits."""
_PATIENCE_S = 0.2
_COMMAND = [sys.executable, "-m", "curator.ingest.worker"]

_batch_decoder = msgspec.msgpack.Decoder(Batch)

Tag = TypeVar("Tag")


class _Job(NamedTuple):
    task: Task
    frames: Queue[Frame]


class Pool:
    """So many worker processes. Use it as a context manager: leaving it ends them at once."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._jobs: Queue[_Job] = Queue()
        self._closed = Event()
        self._processes = [_start() for _ in range(workers)]
        for process in self._processes:
            Thread(target=self._serve, args=(process,), daemon=True).start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    if stream:
                        stream.close()

    def run(self, tasks: Iterable[tuple[Tag, Task | None]]) -> Iterator[tuple[Tag, Iterator[Batch]]]:
        """Yield every tag with the batches of its task, in order; take them before asking for the next.

        Raises:
            CuratorError: A worker ended in the middle of a task.
        """
        given: deque[tuple[Tag, _Job | None]] = deque()
        for tag, task in tasks:
            job = _Job(task, Queue(_QUEUED_BATCHES)) if task else None
            if job:
                self._jobs.put(job)
            given.append((tag, job))
            if len(given) > self._workers * _AHEAD:
                yield self._next(given)
        while given:
            yield self._next(given)

    def _next(self, given: deque[tuple[Tag, _Job | None]]) -> tuple[Tag, Iterator[Batch]]:
        tag, job = given.popleft()
        return tag, self._batches(job) if job else iter(())

    def _batches(self, job: _Job) -> Iterator[Batch]:
        while True:
            kind, body = job.frames.get()
            if kind == BATCH:
                yield _batch_decoder.decode(body)
            elif kind == END:
                return
            else:
                raise CuratorError(
                    f"{job.task.shown}: reading it failed, what was read before is kept. {body.decode()}"
                )

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        """Hand tasks to one worker and pass on its frames, until the pool is closed."""
        while not self._closed.is_set():
            try:
                job = self._jobs.get(timeout=_PATIENCE_S)
            except Empty:
                continue
            for frame in _frames(process, job.task):
                self._pass_on(job, frame)

    def _pass_on(self, job: _Job, frame: Frame) -> None:
        while not self._closed.is_set():
            with suppress(Full):
                job.frames.put(frame, timeout=_PATIENCE_S)
                return


def _frames(process: subprocess.Popen[bytes], task: Task) -> Iterator[Frame]:
    assert process.stdin and process.stdout
    try:
        write_frame(process.stdin, Frame(BATCH, msgspec.msgpack.encode(task)))
        while frame := read_frame(process.stdout):
            yield frame
            if frame.kind != BATCH:
                return
    except (OSError, ValueError):
        pass
    yield Frame(FAILED, b"A worker process ended; if memory ran out, close other programs. Run it again.")


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
