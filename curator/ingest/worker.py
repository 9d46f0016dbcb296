"""A worker process: tasks come in on standard input, batches go out on standard output."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from typing import IO, NamedTuple

import msgspec

from curator.ingest.work import Task, work

END, BATCH, FAILED = 0, 1, 2
_SIZE_BYTES = 8
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


class Frame(NamedTuple):
    """One message between the processes: its kind, its size in 8 bytes, its body."""

    kind: int
    body: bytes = b""


def read_frame(stream: IO[bytes]) -> Frame | None:
    """Return the next message, ``None`` at the end."""
    head = stream.read(1 + _SIZE_BYTES)
    if len(head) < 1 + _SIZE_BYTES:
        return None
    size = int.from_bytes(head[1:], "big")
    body = stream.read(size)
    return Frame(head[0], body) if len(body) == size else None


def write_frame(stream: IO[bytes], frame: Frame) -> None:
    """Send one message."""
    stream.write(bytes([frame.kind]) + len(frame.body).to_bytes(_SIZE_BYTES, "big"))
    stream.write(frame.body)
    stream.flush()


def main() -> None:
    """Work until the other side hangs up. Ctrl+C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    decoder, encoder = msgspec.msgpack.Decoder(Task), msgspec.msgpack.Encoder()
    while frame := read_frame(sys.stdin.buffer):
        try:
            for batch in work(decoder.decode(frame.body)):
                write_frame(out, Frame(BATCH, encoder.encode(batch)))
        except BrokenPipeError:
            return
        except Exception:  # noqa: BLE001 - whatever it is, the process that asked has to say it
            write_frame(out, Frame(FAILED, traceback.format_exc().encode()))
            continue
        write_frame(out, Frame(END))


if __name__ == "__main__":
    main()
