"""Cross-validation: each group, or each of K folds, is the test set once."""

from __future__ import annotations

from typing import Any

from audio_diffstride.config import config_checks, config_fields
from audio_diffstride.config.field_types import MAX_FOLDS, split_names
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.label_rule import LabelRule

GROUP, FOLD = "data.test_group", "data.fold"
BY_GROUP = "group"  # the value of --folds that takes each group once


def choose(config: dict[str, Any], folds: str) -> tuple[str, list[str]]:
    """The field that the runs of a cross-validation vary, and its values.

    Args:
        config: {field: value} of own recordings.
        folds: "group", or the number of folds.

    Raises:
        UserError: if there are no groups, or `folds` is neither.

    >>> choose({}, "3")
    ('data.fold', ['1/3', '2/3', '3/3'])
    """
    if folds == BY_GROUP:
        return GROUP, _groups(config)
    if not (folds.isascii() and folds.isdigit()) or not (
        2 <= int(folds) <= MAX_FOLDS
    ):
        raise UserError(
            f"--folds is {folds!r}, but must be {BY_GROUP} or a whole number "
            f"from 2 to {MAX_FOLDS}"
        )
    return FOLD, [f"{k}/{int(folds)}" for k in range(1, int(folds) + 1)]


def _groups(config: dict[str, Any]) -> list[str]:
    nested = config_fields.nest(config)
    paths = config_checks.own_paths(nested)
    groups = {
        recording.group
        for path in paths
        for recording in manifest.read(
            path,
            split_names(config["data.tasks"]),
            config["data.columns"],
            rule=LabelRule.of_config(nested),
        )
    }
    if len(groups - {""}) < 2:
        raise UserError(
            f"--folds {BY_GROUP} needs recordings of two groups or more; add a "
            "column group to the CSV, name it with data.columns, or give a "
            "number of folds"
        )
    return sorted(groups - {""})
