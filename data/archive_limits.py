"""How much of an archive is unpacked into memory at a time."""

from __future__ import annotations

from audio_diffstride.errors import UserError

# The largest that a data set has is NSynth's list of notes, of some 300 MB. A
# few kilobytes of archive can promise any number.
LARGEST_FILE_BYTES = 1 << 30


def check_size(name: str, archive, num_bytes: int):
    """Refuses a file in an archive that would fill the memory."""
    if not 0 <= num_bytes <= LARGEST_FILE_BYTES:
        raise UserError(
            f"{name} in {archive} unpacks to {num_bytes} bytes, and "
            f"{LARGEST_FILE_BYTES} are the most that is read; download it again"
        )
