"""The lines that TensorFlow writes when it starts, and a filter for them.

As a program it copies all other lines from standard input to standard output.
It imports nothing of this package, so that it starts at once.
"""

from __future__ import annotations

import re
import sys

# A severity, date, time, process, source file and line begin a line of C++.
_KNOWN_LINE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called"
    rb"|[IW]\d{4} \d\d:\d\d:\S+ +\d+ \S+:\d+\] "
    rb"|E\d{4} \d\d:\d\d:\S+ +\d+ (cuda_\w+|computation_placer)\.cc:\d+\] "
    rb"|To enable the following instructions: "
    rb"|INFO: Created TensorFlow Lite XNNPACK delegate"
    rb"|fully_quantize: \d"
)


def _pass_on() -> None:
    """Copies the unknown lines from standard input to standard output."""
    for line in sys.stdin.buffer:
        if not _KNOWN_LINE.match(line):
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _pass_on()
