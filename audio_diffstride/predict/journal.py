"""What is finished of a long prediction, so that it can go on when killed.

Beside the output lies a folder OUT.partial while it is being made:

    run.json       what the run is: its parameters, model and recordings
    parts-RUN/     RUN being a digest of run.json
        N.jsonl    what was found in recording N; whole, or not there
        N.json     that recording N is finished, or why it cannot be read
    output         the output while it is put together from the parts

A part depends on its recording and run.json alone. So the output is the same
bytes however often the run was interrupted, and whoever wrote a part: workers
on other machines join the run that the command has opened. A worker that
outlives its run writes to that run's parts, never to those of another.
"""

from __future__ import annotations

import collections.abc
import contextlib
import hashlib
import json
import os
import pathlib
import platform
import shutil

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files, locks
from audio_diffstride.files.json_files import NUMBER
from audio_diffstride.predict.detections import Detection

# What is remembered of a recording: one that was read, one that cannot be.
_WHOLE = {"file": str, "seconds": NUMBER, "rows": int, "sample_rate_hz": int}
_UNREADABLE = {"file": str, "seconds": NUMBER, "error": str}
_ROW = [NUMBER, NUMBER, bool, int, str, str, NUMBER]


class Journal:
    """The folder OUT.partial of one output.

    Args:
        output: the output file or folder.

    Attributes:
        folder: where it lies.
    """

    def __init__(self, output):
        output = pathlib.Path(output)
        self.folder = output.with_name(output.name + ".partial")
        self._parts = None  # once it is known of which run
        self._run = self.folder / "run.json"

    def begun(self) -> bool:
        """Whether there is an unfinished run to go on with."""
        return self._run.exists()

    @contextlib.contextmanager
    def open(self, run: dict[str, object]):
        """Begins a run, or goes on with the same one; alone.

        Args:
            run: everything the output depends on, as {what a message calls
                it: a value that JSON keeps}.

        Raises:
            UserError: if an unfinished run differs, or is going on now.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        refusal = (
            f"another run is writing to {self.folder}; wait for it, or give "
            "another --output"
        )
        with locks.exclusive(self.folder / "lock", refusal):
            self._begin(run)
            yield

    def join(self, run: dict[str, object]):
        """Takes part, as a worker, in a run that is open elsewhere.

        Args:
            run: as this worker sees it.

        Raises:
            UserError: if the folder is not to be seen here, or holds a run
                that differs.
        """
        try:
            other = _differences(self._read(self._run, {}), run)
        except FileNotFoundError as error:
            raise UserError(
                f"a worker on {platform.node()} does not see {self._run}; "
                "every machine must have the folder of --output at the same "
                "place"
            ) from error
        if other:
            raise UserError(
                f"a worker on {platform.node()} differs in {other}; give it "
                "the files and versions of the command"
            )
        self._parts = self._parts_of(run)

    def _begin(self, run):
        self._parts = self._parts_of(run)
        try:
            other = _differences(self._read(self._run, {}), run)
        except FileNotFoundError:
            for left in self.folder.glob("parts*"):
                shutil.rmtree(left, ignore_errors=True)
            atomic.write_json(self._run, run)
            return
        if other:
            raise UserError(
                f"{self.folder} holds an unfinished run that differs in "
                f"{other}; run the command as it was to go on, delete that "
                "folder to begin anew, or give another --output"
            )

    def _parts_of(self, run) -> pathlib.Path:
        content = json.dumps(run, sort_keys=True).encode()
        return self.folder / f"parts-{hashlib.sha256(content).hexdigest()[:12]}"

    def finished(self, index: int) -> bool:
        """Whether there is nothing left to do for a recording."""
        return (self._parts / f"{index}.json").exists()

    def write_rows(
        self, index: int, rows: collections.abc.Iterable[Detection]
    ) -> int:
        """Writes the detections of a recording as they come.

        If `rows` raises, nothing is kept of them.

        Returns:
            How many there are.
        """
        count = 0
        with atomic.atomic_path(self._parts / f"{index}.jsonl") as partial:
            with open(partial, "w", encoding="utf-8") as file:
                for count, row in enumerate(rows, start=1):
                    file.write(json.dumps(row, allow_nan=False) + "\n")
        return count

    def finish(self, index: int, about: dict):
        """Marks a recording as finished, its rows being there.

        Args:
            index: of the recording.
            about: what is to be remembered of it: file, seconds, and either
                rows and sample_rate_hz, or the error.
        """
        atomic.write_json(self._parts / f"{index}.json", about)

    def about(self, index: int) -> dict:
        """What is remembered of a finished recording."""
        path = self._parts / f"{index}.json"
        unreadable = "error" in self._read(path, {})
        return self._read(path, _UNREADABLE if unreadable else _WHOLE)

    def rows(self, index: int) -> collections.abc.Iterator[Detection]:
        """The detections of a finished recording, one at a time."""
        path = self._parts / f"{index}.jsonl"
        left = self.about(index)["rows"]
        try:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    yield _detection(json.loads(line))
                    left -= 1
            if left:
                raise ValueError
        except (FileNotFoundError, ValueError) as error:
            raise UserError(f"{path} is damaged; {self._remedy}") from error

    def _read(self, path, shape):
        return json_files.read(path, shape, self._remedy)

    @property
    def _remedy(self) -> str:
        return f"delete {self.folder} to begin anew"

    @contextlib.contextmanager
    def output(self, path):
        """Yields a path to write to, which becomes `path` once it is whole.

        Made inside the journal, what a killed run leaves of it goes with it.
        """
        path = pathlib.Path(path)
        made = self.folder / "output"
        yield made
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(made, path)

    def remove(self):
        """The output is whole: nothing is left to go on with.

        run.json goes first: without it a later run begins anew, whatever
        else was left here by one killed meanwhile.
        """
        self._run.unlink()
        shutil.rmtree(self.folder)


def _detection(values) -> Detection:
    """A line of a part; a ValueError if it is none."""
    if not isinstance(values, list) or len(values) != len(_ROW):
        raise ValueError
    if any(json_files.mismatch(v, t) for v, t in zip(values, _ROW)):
        raise ValueError
    return Detection(*values)


def _differences(before: dict, now: dict) -> str:
    """In what two runs differ, if they do; digests are not told."""
    now = json.loads(json.dumps(now))
    told = []
    for name in dict.fromkeys([*before, *now]):
        if before.get(name) == now.get(name):
            continue
        values = [repr(run.get(name)) for run in (before, now)]
        if max(map(len, values)) <= 40:
            name += f" ({values[0]}, now {values[1]})"
        told.append(name)
    return ", ".join(told)


def digest_of_file(path) -> str:
    """SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_recordings(paths) -> str:
    """SHA-256 of names, sizes and times of change: not of all the sound."""
    digest = hashlib.sha256()
    for path in paths:
        row = (str(path),)
        with contextlib.suppress(OSError):  # told when its turn comes
            stat = os.stat(path)
            row += (stat.st_size, stat.st_mtime_ns)
        digest.update(repr(row).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
