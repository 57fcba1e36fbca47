"""The largest file of an archive that is read into memory."""

from __future__ import annotations

from audio_diffstride.errors import UserError

# A few kilobytes of archive can claim any size. The largest real file is
# NSynth's list of notes, about 300 MB.
MAX_FILE_BYTES = 1 << 30


def check_size(name: str, archive: object, num_bytes: int) -> None:
    """Refuses a file in an archive that would fill the memory.

    Args:
        name: of the file.
        archive: path of the archive, for the message.
        num_bytes: size of the unpacked file.

    Raises:
        UserError: for a size beyond the limit.
    """
    if not 0 <= num_bytes <= MAX_FILE_BYTES:
        raise UserError(
            f"{name} in {archive} unpacks to {num_bytes} bytes, but must have "
            f"{MAX_FILE_BYTES} at most; download the archive again"
        )
