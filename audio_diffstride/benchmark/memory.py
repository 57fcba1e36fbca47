"""The peak memory of a step, measured in a process of its own.

    python -m audio_diffstride.benchmark.memory MODULE:FUNCTION JSON

calls the function with the arguments, runs the step that it returns, and
prints the most bytes that were held: of the GPU where one is used, else by how
many the process's resident memory rose.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import re
import subprocess
import sys

from audio_diffstride.benchmark import devices
from audio_diffstride.errors import UserError

_STATUS = pathlib.Path("/proc/self/status")


def peak_bytes(maker: str, **arguments) -> int | None:
    """What a step needs beyond the runtime itself: weights, maps, the rest.

    Args:
        maker: "module:function" of a function that returns a step.
        **arguments: of that function, as JSON has them.

    Returns:
        Bytes; None on systems without /proc.

    Raises:
        UserError: if the step fails, as where memory does not suffice.
    """
    if not _STATUS.exists():
        return None
    # Freed blocks go back to the system at once, and do not count again.
    environment = {
        **os.environ,
        "MALLOC_MMAP_THRESHOLD_": "65536",
        "MALLOC_TRIM_THRESHOLD_": "65536",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    command = [sys.executable, "-m", __name__, maker, json.dumps(arguments)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        lines = done.stderr.splitlines()
        named = [line for line in lines if re.match(r"[\w.]+Error: ", line)]
        reason = (named or lines or ["it was killed"])[-1]
        raise UserError(
            f"the step of {arguments} whose memory was to be measured failed: "
            f"{reason}"
        )
    return int(done.stdout.split()[-1])


def _resident_bytes(which: str) -> int:
    """VmRSS, the resident memory now, or VmHWM, the most since the start."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(which):
            return 1024 * int(line.split()[1])
    raise OSError(f"no {which} in {_STATUS}")


def main(maker: str, arguments: str):
    """The command; see the module's text."""
    from keras import ops

    module, function = maker.split(":")
    make = getattr(importlib.import_module(module), function)
    float(ops.sum(ops.ones((8, 8))))  # the runtime itself is no part of it
    before = _resident_bytes("VmRSS")
    step = make(**json.loads(arguments))
    for _ in range(3):
        step()
    resident = _resident_bytes("VmHWM") - before
    print(devices.peak_bytes() or resident)


if __name__ == "__main__":
    main(*sys.argv[1:])
