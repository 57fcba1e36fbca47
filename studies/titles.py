"""What a flag gives under titles, such as `--row TITLE FOLDER`."""

from __future__ import annotations

from collections.abc import Iterable

from audio_diffstride.errors import UserError


def by_title(given: Iterable[Iterable[str]], flag: str) -> dict[str, list[str]]:
    """What follows each title.

    Args:
        given: for each time that the flag is there, a title and its values.
        flag: its name, for the message.

    Raises:
        UserError: for a title that is there twice, or with nothing after it.

    >>> by_title([("Digits", "runs/digits"), ("Pitch", "a", "b")], "--row")
    {'Digits': ['runs/digits'], 'Pitch': ['a', 'b']}
    """
    found: dict[str, list[str]] = {}
    for title, *values in given:
        if title in found:
            raise UserError(f"{flag} {title!r} is there twice; rename one")
        if not values:
            raise UserError(f"{flag} {title!r} has no folder; give one")
        found[title] = values
    return found
