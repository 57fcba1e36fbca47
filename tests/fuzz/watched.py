"""Runs cases in processes that may not hang, grow, crash or write elsewhere.

A case must end in a result or a `UserError`. A worker is forked for some
cases. It dies of a hang or a crash, and another continues after that case.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from typing import Any

LIMIT_S = 10
_MEMORY_BYTES = 1 << 30  # beyond what the libraries take
_MAX_SENTENCE = 1000
_BROKEN = 70  # the status of a worker that could not start
_AT_ONCE = 2000  # cases of one worker
GOOD = READ, REFUSED = "read", "refused"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        number: of the case.
        kind: `READ`, `REFUSED`, or what went wrong.
        detail: the sentence, or where it went wrong.
    """

    number: int
    kind: str
    detail: str

    @property
    def is_good(self) -> bool:
        """Whether it ended as it must."""
        return self.kind in GOOD


def run(
    prepare: Callable[[], Callable[[pathlib.Path, int], Any]], count: int
) -> Iterator[Outcome]:
    """Runs the cases 0 to count - 1.

    Args:
        prepare: imports what is needed, in the worker. Returns a function that
            is called with an empty folder and the number of a case. It writes
            only there.
        count: of cases.
    """
    number = 0
    while number < count:
        last = min(number + _AT_ONCE, count)
        for outcome in _in_a_worker(prepare, number, last):
            yield outcome
            number = outcome.number + 1


def _in_a_worker(prepare: Any, first: int, last: int) -> Iterator[Outcome]:
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if not child:
            os.close(reading)
            _work(prepare, range(first, last), pathlib.Path(folder), writing)
        os.close(writing)
        number = first - 1
        with open(reading, encoding="utf-8") as lines:
            for line in lines:
                outcome = Outcome(**json.loads(line))
                number = outcome.number
                yield outcome
        _, status = os.waitpid(child, 0)
    died = os.waitstatus_to_exitcode(status)
    if died == _BROKEN:
        raise RuntimeError("a worker could not start; see above")
    if died and number + 1 < last:
        hung = died in (-signal.SIGPROF, -signal.SIGALRM)
        kind = "hang" if hung else "crash"
        yield Outcome(number + 1, kind, f"the process ended with {died}")


def _work(
    prepare: Any, numbers: range, folder: pathlib.Path, writing: int
) -> None:
    """The life of a worker."""
    try:
        call = prepare()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        elsewhere = _watch(folder)
        _limit_memory()
        for number in numbers:
            place = folder / str(number)
            place.mkdir()
            elsewhere.clear()
            outcome = _outcome(call, place, number, elsewhere)
            shutil.rmtree(place)
            line = json.dumps(dataclasses.asdict(outcome)) + "\n"
            os.write(writing, line.encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(_BROKEN)


def _outcome(
    call: Any, place: pathlib.Path, number: int, elsewhere: list[str]
) -> Outcome:
    from audio_diffstride.errors import UserError, one_line

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Both kill. The first does not count while others have the processor.
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    signal.setitimer(signal.ITIMER_REAL, 30 * LIMIT_S)
    try:
        kind, detail = READ, str(call(place, number))[:80]
    except UserError as error:
        kind, detail = REFUSED, one_line(error)
        if not detail or len(str(error)) > _MAX_SENTENCE:
            kind, detail = "long sentence", detail[:_MAX_SENTENCE]
    except MemoryError:
        kind, detail = "memory", _where()
    except BaseException:
        kind, detail = "traceback", _where()
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        signal.setitimer(timer, 0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown * 1024 > _MEMORY_BYTES // 2:  # what was allocated, and used
        kind, detail = "memory", f"{grown // 1024} MiB"
    if elsewhere:
        kind, detail = "elsewhere", "; ".join(elsewhere[:3])
    return Outcome(number, kind, detail)


def _where() -> str:
    """The exception and the lines of the package that it came through."""
    *_, last = traceback.format_exception_only(sys.exception())
    frames = traceback.extract_tb(sys.exception().__traceback__)
    ours = [f for f in frames if "site-packages" not in f.filename]
    places = [f"{pathlib.Path(f.filename).name}:{f.lineno}" for f in ours[-3:]]
    return f"{last.strip()[:200]} at {' '.join(places)}"


def _watch(folder: pathlib.Path) -> list[str]:
    """The list to which everything is added that is done outside a folder."""
    found: list[str] = []
    inside = (str(folder), os.devnull, "/proc/")
    from audio_diffstride.terminal import known_lines

    def hook(event: str, args: tuple) -> None:
        if event == "open":
            path, mode, flags = args
            writes = isinstance(flags, int) and flags & (
                os.O_WRONLY | os.O_RDWR | os.O_CREAT
            )
            if not writes or isinstance(path, int):
                return
            paths = [path]
        elif event in ("os.remove", "os.rename", "os.mkdir", "os.symlink"):
            paths = [each for each in args if isinstance(each, str | bytes)]
        elif event in ("subprocess.Popen", "socket.connect", "os.system"):
            if known_lines.__file__ not in str(args):  # filters what is printed
                found.append(f"{event} {args[:2]}"[:200])
            return
        else:
            return
        for path in map(os.fsdecode, paths):
            if not path.startswith(inside) and "__pycache__" not in path:
                found.append(f"{event} {path}")

    sys.addaudithook(hook)
    return found


def _limit_memory() -> None:
    pages = int(pathlib.Path("/proc/self/statm").read_text("utf-8").split()[0])
    limit = pages * resource.getpagesize() + _MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
