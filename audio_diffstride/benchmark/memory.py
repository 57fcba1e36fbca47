"""The peak memory of a step, measured in its own process.

    python -m audio_diffstride.benchmark.memory MODULE:FUNCTION JSON

calls the function with the arguments, and runs the step that it returns. It
prints the peak in bytes. On a GPU it is the peak of the device. On a CPU it is
how much the resident memory of the process grew.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

from audio_diffstride.benchmark import devices
from audio_diffstride.errors import UserError

_STATUS = pathlib.Path("/proc/self/status")


def peak_bytes(maker: str, **arguments: Any) -> int | None:
    """The peak memory of a step in bytes, without that of the runtime itself.

    Args:
        maker: "module:function" of a function that returns a step.
        **arguments: of that function. They must be JSON values.

    Returns:
        Bytes, or None on systems without /proc.

    Raises:
        UserError: if the step fails, for example for lack of memory.
    """
    if not _STATUS.exists():
        return None
    # Return freed blocks to the system at once, so that they do not count.
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
            f"the memory of the step {arguments} could not be measured: "
            f"{reason}; give a smaller --batch or --width, or other --parts"
        )
    return int(done.stdout.split()[-1])


def _resident_bytes(which: str) -> int:
    """VmRSS, the resident memory now, or VmHWM, its peak so far."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(which):
            return 1024 * int(line.split()[1])
    raise OSError(f"no {which} in {_STATUS}")


def main(maker: str, arguments: str) -> None:
    """Runs the command; see the docstring of the module.

    Args:
        maker: "module:function" of a function that returns a step.
        arguments: of that function, as a JSON object.
    """
    from keras import ops

    module, function = maker.split(":")
    make = getattr(importlib.import_module(module), function)
    float(ops.sum(ops.ones((8, 8))))  # loads the runtime, which does not count
    before = _resident_bytes("VmRSS")
    step = make(**json.loads(arguments))
    for _ in range(3):
        step()
    resident = _resident_bytes("VmHWM") - before
    print(devices.peak_bytes() or resident)


if __name__ == "__main__":
    main(*sys.argv[1:])
