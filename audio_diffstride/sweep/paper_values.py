"""The test accuracies that the paper prints: Riad et al., 2022."""

from __future__ import annotations

# Tables 1 and A.7: test accuracy in %, mean ± standard deviation over three
# runs. {task: (single-task, multi-task)}, each in the order of the arms.
_TABLE_1_ARMS = ("strided_conv", "spectral", "diffstride")
_TABLE_1 = {
    "scene": (
        ("99.1 ± 0.2", "98.6 ± 0.1", "98.6 ± 0.2"),
        ("97.7 ± 0.4", "97.7 ± 0.7", "97.7 ± 0.3"),
    ),
    "bird": (
        ("78.8 ± 0.3", "79.7 ± 0.3", "81.3 ± 0.1"),
        ("77.3 ± 0.2", "77.8 ± 0.3", "78.6 ± 0.5"),
    ),
    "instrument": (
        ("72.6 ± 0.3", "72.9 ± 0.5", "75.4 ± 0.0"),
        ("69.8 ± 0.4", "70.4 ± 0.4", "73.0 ± 0.8"),
    ),
    "pitch": (
        ("91.8 ± 0.1", "90.1 ± 0.0", "92.2 ± 0.1"),
        ("89.4 ± 0.3", "87.6 ± 0.7", "89.9 ± 0.3"),
    ),
    "word": (
        ("87.3 ± 0.1", "88.5 ± 0.3", "90.5 ± 0.3"),
        ("83.5 ± 0.6", "83.9 ± 0.4", "86.2 ± 0.8"),
    ),
}
_TABLE_A7_SHARED = {
    "scene": "97.4 ± 0.3",
    "bird": "79.7 ± 1.0",
    "instrument": "70.7 ± 0.5",
    "pitch": "86.7 ± 0.5",
    "word": "86.8 ± 0.1",
}
# {task: the data sets that the paper has it on}.
_PAPER_DATA = {
    "scene": ("tut_urban2018",),
    "bird": ("dcase2018_birds",),
    "instrument": ("nsynth_notes", "nsynth"),
    "pitch": ("nsynth_notes", "nsynth"),
    "word": ("speech_commands35",),
}


def paper_value(
    arm: str, task: str, data: str, split_name: str, is_multi_task: bool
) -> str:
    """What the paper prints for an arm, or "".

    Args:
        arm: as `paper_table.collect` names it.
        task: of the accuracy.
        data: the name of the data set.
        split_name: of the data set. Only results on the paper's own split
            can be compared.
        is_multi_task: whether the run was trained on several tasks.

    >>> paper_value("diffstride", "pitch", "nsynth_notes", "paper", False)
    '92.2 ± 0.1'
    """
    if data not in _PAPER_DATA.get(task, ()) or split_name != "paper":
        return ""
    if arm == "diffstride shared" and is_multi_task:
        return _TABLE_A7_SHARED[task]
    if arm not in _TABLE_1_ARMS:
        return ""
    return _TABLE_1[task][is_multi_task][_TABLE_1_ARMS.index(arm)]
