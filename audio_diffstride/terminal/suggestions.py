"""What a mistyped flag, command, choice or field may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

_MAX_LETTERS = 80  # of a word that is compared
_SIMILARITY = 0.75  # "tset" and "test"


def did_you_mean(
    name: str, known: Iterable[str], otherwise: str = "see --help"
) -> str:
    """The hint for an unknown word: the nearest known ones.

    Args:
        name: the unknown word.
        known: see `nearest`.
        otherwise: the hint if no known word is near.

    >>> did_you_mean("evalute", ["train", "evaluate"])
    'did you mean evaluate?'
    >>> did_you_mean("eport", ["report", "export", "train"])
    'did you mean report or export?'
    >>> did_you_mean("x", ["train", "evaluate"])
    'see --help'
    """
    *first, last = nearest(name, known) or [""]
    if not last:
        return otherwise
    return f"did you mean {', '.join(first)}{' or ' * bool(first)}{last}?"


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known words that an unknown one may mean, the most similar first.

    The last parts of dotted names are compared: equal, else misspelt, else of
    the same words, else abbreviated. A word that only has many letters in
    common is no suggestion.

    Args:
        name: the unknown word.
        known: flags with their dashes, commands, choices or dotted fields.
        limit: the largest number of suggestions.

    >>> fields = ["training.learning_rate", "training.num_steps"]
    >>> nearest("trianing.num_stpes", fields), nearest("lr", fields)
    (['training.num_steps'], ['training.learning_rate'])
    >>> nearest("early_stopping", fields)
    []
    """
    name = name[:_MAX_LETTERS]
    known = list(known)
    for is_near in (_is_equal, _is_misspelt, _has_the_words, _is_short_for):
        found = [word for word in known if is_near(_leaf(name), _leaf(word))]
        if found:
            return sorted(found, key=_similarity_to(name), reverse=True)[:limit]
    return []


def _leaf(name: str) -> str:
    """The part after the last dot, without differences of style."""
    return name.rpartition(".")[2].strip("-").replace("-", "_").lower()


def _similarity_to(name: str) -> Callable[[str], float]:
    matcher = difflib.SequenceMatcher(b=name)

    def similarity(word: str) -> float:
        matcher.set_seq1(word)
        return matcher.ratio()

    return similarity


def _is_equal(typed: str, known: str) -> bool:
    return typed.replace("_", "") == known.replace("_", "")


def _is_misspelt(typed: str, known: str) -> bool:
    return _similarity_to(typed)(known) >= _SIMILARITY


def _has_the_words(typed: str, known: str) -> bool:
    """Whether one has all words of the other, and few more."""
    words, others = set(typed.split("_")), set(known.split("_"))
    if others <= words:
        return True
    return words <= others and 2 * len(words) >= len(others) and len(typed) > 3


def _is_short_for(typed: str, known: str) -> bool:
    """Whether one begins with the other, or has the initials of its words."""
    words = known.split("_")
    initials = "".join(word[:1] for word in words)
    typed, known = typed.replace("_", ""), known.replace("_", "")
    return (
        (len(words) > 1 and typed == initials)
        or (len(typed) >= 3 and known.startswith(typed))
        or (len(known) >= 4 and typed.startswith(known))
    )
