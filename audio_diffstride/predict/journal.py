"""The finished parts of a job, so that it can resume when killed.

A job computes rows from recordings: detections, or vectors of windows.

While the command runs, a folder OUT.partial lies beside the output:

    run.json       the settings, the model and the recordings of the run
    parts-RUN/     RUN is a digest of run.json
        N.jsonl    the rows of recording N; complete, or not there
        N.json     recording N is finished: its summary, or its error
    output         the output while it is put together from the parts

A part depends only on its recording and on run.json. So the output has the
same bytes after any interruption, whoever wrote the parts. Workers on other
machines may join an open run. A worker that outlives its run writes only to
the parts of that run, never to those of a later one.

A later command may resume the run only if run.json would be the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import platform
import shutil
import typing
from collections.abc import Iterable, Iterator

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files, locks
from audio_diffstride.files.json_files import NUMBER

Row = typing.TypeVar("Row", bound=tuple)

RECORDINGS = "the recordings"  # of run.json: `digest_of_recordings`
# The summaries of a recording that was read, and of one that could not be.
_READABLE = {"file": str, "seconds": NUMBER, "rows": int, "sample_rate_hz": int}
_UNREADABLE = {"file": str, "seconds": NUMBER, "error": str}
# The shapes of these fields of a row in JSON; other types are their own.
_SHAPES: dict[typing.Any, typing.Any] = {float: NUMBER, list[float]: [NUMBER]}


class Journal(typing.Generic[Row]):
    """The folder OUT.partial of one output.

    Args:
        output: the output file or folder.
        row_type: a `NamedTuple` of bool, int, str, float and lists of float.

    Attributes:
        folder: path of OUT.partial.
    """

    def __init__(self, output: str | os.PathLike[str], row_type: type[Row]):
        output = pathlib.Path(output)
        self.folder = output.with_name(output.name + ".partial")
        self._run = self.folder / "run.json"
        self._parts = self.folder  # `open` and `join` set the run's own
        self._row_type = row_type
        self._row_shape = [
            _SHAPES.get(kind, kind)
            for kind in typing.get_type_hints(row_type).values()
        ]

    def exists(self) -> bool:
        """Whether there is an unfinished run."""
        return self._run.exists()

    @contextlib.contextmanager
    def open(self, run: dict[str, object]) -> Iterator[None]:
        """Starts a run, or resumes the same one, and locks the folder.

        Args:
            run: everything the output depends on, as {name for messages:
                JSON value}.

        Raises:
            UserError: if there is an unfinished run that differs, or another
                process has the lock.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        refusal = (
            f"another run is writing to {self.folder}; wait for it, or give "
            "another --output"
        )
        with locks.exclusive(self.folder / "lock", refusal):
            self._start(run)
            yield

    def join(self, run: dict[str, object]) -> None:
        """Joins, as a worker, a run that the command has opened.

        Args:
            run: as this worker sees it.

        Raises:
            UserError: if this machine does not see the folder, or the run
                there differs.
        """
        try:
            differences = self._differences(run)
        except FileNotFoundError as error:
            raise UserError(
                f"a worker on {platform.node()} does not see {self._run}; "
                "every machine must have the folder of --output at the same "
                "place"
            ) from error
        if differences:
            raise UserError(
                f"a worker on {platform.node()} differs in {differences}; "
                "give it the files and versions of the command"
            )
        self._parts = self._parts_of(run)

    def _start(self, run: dict[str, object]) -> None:
        self._parts = self._parts_of(run)
        try:
            differences = self._differences(run)
        except FileNotFoundError:
            for left in self.folder.glob("parts*"):
                shutil.rmtree(left, ignore_errors=True)
            atomic.write_json(self._run, run)
            return
        if differences:
            raise UserError(
                f"{self.folder} holds an unfinished run that differs in "
                f"{differences}; run the earlier command again to resume it, "
                "delete that folder to start again, or give another --output"
            )

    def _parts_of(self, run: dict[str, object]) -> pathlib.Path:
        content = json.dumps(run, sort_keys=True).encode()
        return self.folder / f"parts-{hashlib.sha256(content).hexdigest()[:12]}"

    def _differences(self, run: dict[str, object]) -> str:
        """What differs from run.json, without long values such as digests."""
        before = self._read(self._run, {})
        now = json.loads(json.dumps(run))
        names = []
        for name in dict.fromkeys([*before, *now]):
            if before.get(name) == now.get(name):
                continue
            values = [repr(run.get(name)) for run in (before, now)]
            if max(map(len, values)) <= 40:
                name += f" ({values[0]}, now {values[1]})"
            names.append(name)
        return ", ".join(names)

    def is_finished(self, index: int) -> bool:
        """Whether a recording is finished."""
        return (self._parts / f"{index}.json").exists()

    def write_rows(self, index: int, rows: Iterable[Row]) -> int:
        """Writes the rows of a recording as they come.

        If `rows` raises, no row is kept.

        Returns:
            The number of rows.
        """
        count = 0
        with atomic.atomic_file(self._parts / f"{index}.jsonl") as partial:
            with open(partial, "w", newline="\n", encoding="utf-8") as file:
                for count, row in enumerate(rows, start=1):
                    file.write(json.dumps(row, allow_nan=False) + "\n")
        return count

    def finish(self, index: int, summary: dict) -> None:
        """Marks a recording as finished, after its rows are written.

        Args:
            index: of the recording.
            summary: file, seconds, and either rows and sample_rate_hz, or the
                error; cut_off says why a recording ended early.
        """
        atomic.write_json(self._parts / f"{index}.json", summary)

    def summary(self, index: int) -> dict:
        """The summary of a finished recording."""
        path = self._parts / f"{index}.json"
        unreadable = "error" in self._read(path, {})
        return self._read(path, _UNREADABLE if unreadable else _READABLE)

    def rows(self, index: int) -> Iterator[Row]:
        """Yields the rows of a finished recording."""
        path = self._parts / f"{index}.jsonl"
        left = self.summary(index)["rows"]
        try:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    yield self._row(json_files.parse(line))
                    left -= 1
            if left:
                raise ValueError
        except (FileNotFoundError, ValueError) as error:
            raise UserError(f"{path} is damaged; {self._remedy}") from error

    def _row(self, values: object) -> Row:
        """The row in a line of a part; ValueError if the line is damaged."""
        shape = self._row_shape
        if not isinstance(values, list) or len(values) != len(shape):
            raise ValueError
        if any(json_files.mismatch(v, s) for v, s in zip(values, shape)):
            raise ValueError
        return self._row_type(*values)

    def _read(self, path: pathlib.Path, shape: dict) -> dict:
        return json_files.read(path, shape, self._remedy)

    @property
    def _remedy(self) -> str:
        return f"delete {self.folder} to start again"

    @contextlib.contextmanager
    def output(self, path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
        """Yields a path to write to, then moves the file to `path`.

        The file is written inside the journal. So what a killed run leaves of
        it is removed with the journal.
        """
        path = pathlib.Path(path)
        partial = self.folder / "output"
        yield partial
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, path)

    def remove(self) -> None:
        """Removes the journal, once the output is complete.

        run.json goes first. If the process is killed after that, a later run
        starts again, whatever else is left.
        """
        self._run.unlink()
        shutil.rmtree(self.folder)


def digest_of_recordings(paths: Iterable[str | os.PathLike[str]]) -> str:
    """SHA-256 of the names, sizes and modification times; quick to compute."""
    digest = hashlib.sha256()
    for path in paths:
        row: tuple[str | int, ...] = (str(path),)
        with contextlib.suppress(OSError):  # `predict_recording` reports it
            stat = os.stat(path)
            row += (stat.st_size, stat.st_mtime_ns)
        digest.update(repr(row).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
