"""What a flag gives under titles, such as `--row TITLE FOLDER`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

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


def of_recipes(
    given: Iterable[list[str]], flag: str, titles: Container[str]
) -> Iterator[tuple[str, str, list[str]]]:
    """The (title of a row, recipe, folders) of each time that a flag is there.

    Args:
        given: what follows the flag, each time.
        flag: its name, for the message.
        titles: of the rows that there are.

    Raises:
        UserError: for a title without a row, or a recipe without a folder.

    >>> [*of_recipes([["Pitch", "level", "a", "b"]], "--recipe", {"Pitch"})]
    [('Pitch', 'level', ['a', 'b'])]
    """
    for title, *rest in given:
        if title not in titles:
            raise UserError(f"{flag} {title!r} has no --row; add one")
        if len(rest) < 2:
            raise UserError(
                f"{flag} {title!r} lacks a folder; add the recipe in words and "
                "the folder of its sweep"
            )
        yield title, rest[0], rest[1:]
