"""The ingest of one source: where to read on, what to store, what to report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from curator.ingest.files import is_compressed
from curator.ingest.identity import fingerprint
from curator.ingest.items import Loss, Options, Reader
from curator.ingest.lineage import Lineage, settle_pack
from curator.ingest.parts import Cut, Prefix
from curator.ingest.report import SourceReport
from curator.ingest.walk import Found
from curator.ingest.work import Batch, Task
from curator.jobs import Progress
from curator.profiles import Profile
from curator.store import Added, Pack, Segment, SourceRow, Store

_CHUNK_BYTES = 1024 * 1024
_report_decoder = msgspec.json.Decoder(SourceReport)


class State(NamedTuple):
    """The bytes of a source as a whole."""

    sha256: str
    size: int


class Intake:
    """The state of one source while it is read. Without a store it only counts."""

    def __init__(self, store: Store | None, found: Found, options: Options) -> None:
        self._store, self._found, self._options = store, found, options
        self._path = str(found.source.path)
        name = found.reader.name if found.reader else "unknown"
        self.report = SourceReport(found.source.shown, name)
        self._part = SourceReport(found.source.shown, name)
        self._version = f"{name}/{found.reader.version}" if found.reader else ""
        self._lineage = Lineage()
        self._keys: set[int] = set()
        self._source_id = 0
        self._state = State("", 0)
        self._has_failed = False
        self.read_to = 0
        """So many bytes need not be read again, or are stored by now."""

    def tasks(self, is_checked: bool, profile: Profile | None) -> Iterator[tuple[Cut | None, Task]]:
        """Yield what has to be read, a part at a time; nothing where all of it is stored already."""
        if self._found.loss:
            self.report.lose(self._found.loss)
        reader, source = self._found.reader, self._found.source
        if reader is None:
            return
        task = Task(reader.name, self._path, source.shown, self._options, None, is_checked, profile)
        try:
            if reader.is_divisible(source):
                yield from self._parts(task)
            elif not self._is_stored(reader):
                yield None, task
        except OSError as error:
            self._has_failed = True
            sentence = f"the source cannot be read: {error.strerror or error}."
            self.report.lose(Loss("dropped", "unreadable", sentence, source.shown))

    def size(self) -> int | None:
        """Return the bytes of the source; None where they cannot be told, as in an archive."""
        reader = self._found.reader
        try:
            files = reader.files(self._found.source) if reader else []
            return None if any(map(is_compressed, files)) else sum(f.stat().st_size for f in files)
        except OSError:
            return None

    def store(self, batch: Batch, cut: Cut | None, progress: Progress) -> None:
        """Store a batch and count it; a part that ends with a line is never read again."""
        settled = settle_pack(batch.pack, self._lineage)
        found = batch.report
        found.sessions = settled.sessions
        found.history += settled.history
        # Nothing behind a hole counts as stored: the next ingest goes on where reading broke off.
        self._has_failed |= batch.broke_off

        def segment(added: Added) -> Segment | None:
            _count(found, settled.pack, added)
            self._part.merge(found)
            if self._has_failed or not (batch.is_last and cut and cut.is_whole):
                return None
            report = msgspec.json.encode(self._part)
            return Segment(cut.part.end, cut.next_line, cut.sha256, self._lineage.take(), report)

        if self._store:
            self._store.turns.write(self._source_id, settled.pack, segment)
        else:
            segment(Added(0, 0, self._repeated(settled.pack)))
        self.report.merge(found)
        if batch.is_last:
            self._part = SourceReport(self.report.path, self.report.format)
        if batch.is_last and cut and not self._has_failed:
            self._state = State(cut.sha256, cut.part.end)
        end = max(self.read_to, cut.part.end if cut and batch.is_last else batch.end)
        progress.advance(end - self.read_to)
        self.read_to = end

    def finish(self, is_complete: bool) -> SourceReport:
        """Keep the report; say whether the source was read to its end."""
        if self._store and self._source_id:
            report = msgspec.to_builtins(self.report)
            is_complete = is_complete and not self._has_failed
            self._store.sources.finish(self._source_id, report, *self._state, is_complete)
        return self.report

    def _parts(self, task: Task) -> Iterator[tuple[Cut | None, Task]]:
        """Cut the file into parts, from the first byte on that is not stored yet."""
        prefix = Prefix(self._found.source.path)
        try:
            line = self._resume(prefix)
            for cut in prefix.cuts(line):
                yield cut, msgspec.structs.replace(task, part=cut.part)
        finally:
            prefix.close()

    def _resume(self, prefix: Prefix) -> int:
        """Go to where the stored beginning of the file ends; return the number of the line there."""
        known = self._store.sources.find(self._path) if self._store else None
        segments = self._store.sources.segments(known.id) if self._store and known else []
        files = [self._found.source.path]
        if known and not segments and not _is_unread(known) and not _has_grown(known, files):
            known = None
        if not _begins_with(prefix, segments):
            known, segments = None, []
            prefix.restart()
        if known and known.reader != self._version:
            segments = []
            prefix.restart()
        self._begin(known, self._state, keep=bool(segments))
        self._lineage = Lineage(segment.lineage for segment in segments)
        for segment in segments:
            self.report.merge(_again(segment))
            self._state = State(segment.sha256, segment.end)
        self.read_to = self._state.size
        return segments[-1].line if segments else 1

    def _is_stored(self, reader: Reader) -> bool:
        """Return whether the source was read whole in this state; else register it."""
        files = reader.files(self._found.source)
        self._state = _state(files)
        known = self._store.sources.find(self._path) if self._store else None
        if known and not (known.sha256 == self._state.sha256 or _has_grown(known, files)):
            known = None
        is_known = known is not None and known.complete and known.sha256 == self._state.sha256
        if known and is_known and known.reader == self._version:
            self.report.merge(msgspec.convert({**known.report, "new_turns": 0}, SourceReport))
            self.read_to = self._state.size
            return True
        self._begin(known, self._state, keep=False)
        return False

    def _begin(self, known: SourceRow | None, state: State, keep: bool) -> None:
        """Register the source, or go on with one whose beginning is known."""
        if self._store is None:
            return
        if known:
            self._source_id = known.id
            self._store.sources.renew(known.id, self._version, keep)
        else:
            self._source_id = self._store.sources.begin(
                self._path, self.report.format, self._version, *state, self._options.origin
            )

    def _repeated(self, pack: Pack) -> tuple[int, ...]:
        """Return what a store would know as repeated."""
        repeated = []
        for position, turn in enumerate(pack.turns):
            mark = fingerprint(bytes.fromhex(turn.key))
            if mark in self._keys:
                repeated.append(position)
            self._keys.add(mark)
        return tuple(repeated)


def _count(report: SourceReport, pack: Pack, added: Added) -> None:
    """Count the turns of a pack; those that only repeat an earlier place are history."""
    repeated = set(added.repeated)
    own = [turn for position, turn in enumerate(pack.turns) if position not in repeated]
    report.history += len(repeated)
    report.turns += len(own)
    report.tool_calls += sum(len(turn.calls) for turn in own)
    report.new_turns += added.turns


def _again(segment: Segment) -> SourceReport:
    return msgspec.structs.replace(_report_decoder.decode(segment.report), new_turns=0)


def _begins_with(prefix: Prefix, segments: Sequence[Segment]) -> bool:
    """Return whether the file still begins with what is stored of it; read up to there."""
    return all(prefix.advance(s.end) == s.sha256 and prefix.at == s.end for s in segments)


def _is_unread(known: SourceRow) -> bool:
    """Return whether a source was registered, and then nothing was read of it."""
    return not known.complete and not known.size


def _has_grown(known: SourceRow, files: Sequence[Path]) -> bool:
    """Return whether a single file begins with what it was."""
    if len(files) != 1 or not known.size or files[0].stat().st_size < known.size:
        return False
    prefix = Prefix(files[0])
    try:
        return prefix.advance(known.size) == known.sha256
    finally:
        prefix.close()


def _state(files: Sequence[Path]) -> State:
    """Return the sha256 over the bytes of the files in order, and their size together."""
    digest, size = sha256(), 0
    for path in files:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    return State(digest.hexdigest(), size)
