"""The fields of the data."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Interval

from audio_diffstride.config import field_types
from audio_diffstride.config.sections.section import Section, setting


class Data(Section):
    """The data sets, and the tasks to learn from them."""

    source: field_types.Names = setting(
        "tones",
        "Data sets by name. audio_files stands for own recordings.",
        allowed="audio_files or names of data sets, joined by commas",
    )
    split: Literal["official", "paper", ""] = setting(
        "", "Split of the named data sets. Empty takes the default of each."
    )
    path: field_types.Text = setting(
        "",
        "Own recordings: a folder with a sub-folder per class, or a CSV.",
        allowed="a folder or a CSV, or several joined by commas",
    )
    test_group: field_types.Text = setting(
        "",
        "The group to test on, and not to train on, instead of the CSV's "
        "splits. Empty keeps the splits.",
        allowed="a group of own recordings, or empty",
    )
    fold: field_types.Fold = setting(
        "",
        "A fold of own recordings to test on, and not to train on: 2/5 is the "
        "second of five. Groups stay together. Empty keeps the CSV's splits.",
        allowed="a fold and their number, from 1/2 to 100/100, or empty",
    )
    validation: Literal["tenth", "none"] = setting(
        "tenth",
        "The validation set of own recordings that name none. tenth takes a "
        "tenth of the training data, or a further group. none trains on all of "
        "it, and the model of the last step is kept.",
    )
    proportions: field_types.Proportions = setting(
        (),
        "Proportions of the sources in a batch. Empty makes them equal.",
        allowed="numbers above 0 like (3, 1), or empty",
    )
    balance: Annotated[float, Interval(ge=0, le=1)] = setting(
        0.0,
        "How far rare classes of a data set's first task are drawn more often: "
        "from 0, every recording equally often, to 1, every class. The first "
        "is by data.tasks, or else by the columns of the table. With several "
        "labels, recordings with none are a class too.",
    )
    examples_per_class: Annotated[int, Interval(ge=0, le=10**6)] = setting(
        0,
        "Train on so many recordings of each class, drawn by the seed. A class "
        "with fewer has all of its own. The classes are those of a data set's "
        "first task, as for balance. The other splits stay as they are. 0 "
        "trains on all.",
    )
    tasks: field_types.Text = setting(
        "",
        "The tasks to learn. Empty takes all.",
        allowed="names of tasks joined by commas, or empty",
    )
    columns: field_types.Columns = setting(
        "",
        "How a CSV names the columns path, split, group, start_s and end_s, "
        "and the tasks. Tasks that are named here are learned alone. A task "
        "with a column of 1 and 0 for each class names them as "
        "bird=robin+wren, or bird=* for all that are left.",
        allowed="like path=filename,label=category, or empty",
    )
    annotations: Literal["clips", "intervals"] = setting(
        "clips",
        "What a row of own recordings is. clips: a clip with its labels. "
        "intervals: an annotation from start_s to end_s, of which a file may "
        "have many, in a CSV or in tables of Raven or Audacity. Windows of "
        "window_s are cut then. Time without annotations is background.",
    )
    annotation_hop_s: Annotated[float, Interval(ge=0, le=3600)] = setting(
        0.0,
        "The time from window to window, where annotations are intervals. 0 "
        "takes half of window_s.",
        unit="s",
    )
    annotation_overlap: Annotated[float, Interval(gt=0, le=1)] = setting(
        0.5,
        "A window has the class of an annotation that it overlaps by this "
        "share of the shorter of the two.",
    )
    background_class: field_types.Text = setting(
        "",
        "Classes of own recordings with nothing of interest. They become the "
        "class _background, or no label where there may be several. Like all "
        "classes that begin with _ it is never a detection.",
        allowed="names of classes joined by commas, or empty",
    )
    background_share: Annotated[float, Interval(ge=0, le=0.99)] = setting(
        0.0,
        "The share of background in what is drawn for training, of a data "
        "set's first task. 0 leaves it as data.balance has it.",
    )
    store_dir: field_types.Folder = setting(
        "~/.cache/audio_diffstride",
        "Folder of the prepared recordings.",
        allowed="a folder",
    )
    skip_bad_files: bool = setting(
        False, "Whether to leave out files that cannot be decoded."
    )
