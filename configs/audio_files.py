r"""Your own recordings: a folder with a sub-folder per class, or a CSV.

    python train.py --config=configs/audio_files.py:small \
        --config.data.path=DIR_OR_CSV --workdir=DIR

The same recipe is the default of `audio-diffstride train --data DIR_OR_CSV`.
See the guide for the CSV's columns. `--config.data.tasks=instrument,pitch`
picks columns; by default every label column is a task.
"""

from audio_diffstride.config.recipes import recordings as get_config

__all__ = ["get_config"]
