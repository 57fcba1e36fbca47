"""Trains a classifier with learnable strides.

    python train.py --config=configs/quickstart.py --workdir=runs/quickstart

Every field of configs/default.py can be set: --config.model.width=0.5

The same command goes on with a run that was interrupted. A work directory
holds one run; --overwrite removes it and begins anew.
"""

import sys

from absl import flags

from audio_diffstride.config import config_files
from audio_diffstride.terminal import commands
from audio_diffstride.training import machines

config_files.define_flags()
flags.adopt_module_key_flags(config_files)
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "where the models and their history go"
)
_OVERWRITE = flags.DEFINE_bool(
    "overwrite", False, "remove the run in --workdir and begin anew"
)
flags.mark_flags_as_required(["config", "workdir"])


def main(argv):
    """The command; see the module's text."""
    commands.no_more_arguments(argv)
    from data import sources

    config = config_files.from_flags()
    machines.join()
    with machines.explain_lost_process(
        lambda: "start the same command on all again"
    ):
        stores = machines.after_first(lambda: sources.open_stores(config))
    from audio_diffstride import training  # seconds of TensorFlow

    training.train(config, _WORKDIR.value, stores, _OVERWRITE.value)


if __name__ == "__main__":
    try:
        commands.run(main)
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        sys.exit(130)
