"""Evaluates a trained classifier on whole recordings, or on images.

    python evaluate.py --workdir=runs/quickstart

Recordings are cut into consecutive windows of the length trained on; the
logits are averaged, the padded last window weighing what it holds. Scores go to
evaluation_SPLIT/scores.json, tables and pictures to evaluation_SPLIT/TASK/;
they replace those of an earlier evaluation of the run.
"""

from absl import flags

from audio_diffstride.terminal import commands

_WORKDIR = flags.DEFINE_string("workdir", None, "the run to evaluate")
_SPLIT = flags.DEFINE_enum(
    "split", "test", ["train", "validation", "test"], "what to evaluate on"
)
_MODEL = flags.DEFINE_enum("model", "best", ["best", "last"], "which model")
flags.mark_flags_as_required(["workdir"])


def main(argv):
    """The command; see the module's text."""
    commands.no_more_arguments(argv)
    from audio_diffstride.config import config_fields
    from audio_diffstride.errors import UserError
    from audio_diffstride.evaluation import evaluation, tables
    from audio_diffstride.runs import loading
    from data import sources

    config = loading.load_config(_WORKDIR.value, [config_fields.INPUT, "data"])
    model = loading.load_model(_WORKDIR.value, _MODEL.value)
    stores = sources.open_stores(config)
    results, recordings = {}, {}
    for store in stores:
        evaluation.check_classes(model, store.name, store.tasks)
        labelled = evaluation.label_recordings(
            model,
            store.clips(_SPLIT.value),
            loading.shown(config),
        )
        for task, chosen in labelled.items():
            # What a number is worth depends on who is on both sides.
            origin = {"data": store.name, "split_name": store.split_name}
            results[task] = {**origin, **chosen.scores()}
        recordings |= labelled
    if not results:
        raise UserError(
            f"no recording of the {_SPLIT.value} split has a label to compare "
            "with; give another --split"
        )
    report = {
        "split": _SPLIT.value,
        "model": _MODEL.value,
        **loading.how_shown(config),
        "tasks": results,
    }
    folder = evaluation.write(_WORKDIR.value, report, recordings)
    print(tables.format_scores(results))
    print(f"\nwritten: {folder}, with scores.json, tables and pictures")


if __name__ == "__main__":
    commands.run(main)
