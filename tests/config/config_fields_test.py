"""Every field of a config is checked; an error says what is allowed."""

import math
import re

import pytest

from audio_diffstride.config import config_checks, config_fields, config_files
from audio_diffstride.errors import UserError
from audio_diffstride.layers import LogMelSpectrogram
from audio_diffstride.models import downsampler
from configs import default

# What configs of earlier versions lack.
ADDED = {
    name
    for name in config_fields.FIELDS
    if {name, name.split(".")[0]} & {*config_fields.ADDED}
}
NAN, INF = math.nan, math.inf
NO_TEXT = (None, 0, 1.5, True, [], {"a": 1}, "a\0b")
NO_FLAG = (None, 0, 1, 0.0, "", "yes", [], {})
NO_NUMBER = (NAN, INF, -INF, None, True, False, "", "1", [], [1], {}, -1)
NO_POSITIVE = (*NO_NUMBER, 0, 0.0, 1e9, 10**400)
NO_WHOLE = (*NO_NUMBER, 1.5, 1.0, 2**40, 10**400)
NO_COUNT = (*NO_WHOLE, 0)
NO_CHOICE = (None, 0, True, [], {}, "Official", "official ", "nosuch")

# For every field values of the wrong type, range, length, or unknown.
WRONG = {
    "seed": (*NO_WHOLE, 2**32),
    "devices": (*NO_TEXT, 2, "", "0", "-1", "1.5", "02", "ALL", "1025", " 2"),
    "window_s": (*NO_POSITIVE, 3601),
    "data.source": (*NO_TEXT, "", " ", ",,"),
    "data.split": NO_CHOICE,
    "data.path": NO_TEXT,
    "data.test_group": NO_TEXT,
    "data.fold": (*NO_TEXT, "0/5", "6/5", "1/1", "1/101", "a/5", "01/5", "2"),
    "data.validation": NO_CHOICE,
    "data.proportions": (None, 1, "1", (0,), (1, -1), (NAN,), (INF,), (True,)),
    "data.balance": (*NO_NUMBER, 1.1),
    "data.examples_per_class": (*NO_WHOLE, 1_000_001),
    "data.tasks": NO_TEXT,
    "data.columns": (*NO_TEXT, "path", "path=", "=a", "a=b,a=c", "a=b,c"),
    "data.annotations": NO_CHOICE,
    "data.annotation_hop_s": (*NO_NUMBER, 3601),
    "data.annotation_overlap": (*NO_POSITIVE, 1.1),
    "data.background_class": NO_TEXT,
    "data.background_share": (*NO_NUMBER, 1, 1.0),
    "data.store_dir": (*NO_TEXT, "", " "),
    "data.skip_bad_files": NO_FLAG,
    "front_end.sample_rate_hz": (*NO_COUNT, 16000.0, 99, 1_000_001),
    "front_end.num_bands": (*NO_COUNT, 1025),
    "front_end.window_ms": (*NO_POSITIVE, 1001),
    "front_end.hop_ms": (*NO_POSITIVE, 1001),
    "front_end.min_hz": (*NO_NUMBER, 1e6),
    "front_end.max_hz": NO_POSITIVE,
    "front_end.log_offset": (*NO_POSITIVE, 1, 2, 1e-40),
    "augmentation.gain_db": (*NO_NUMBER, 41, 10**400),
    "augmentation.noise_db": (
        *(None, -60, "-60", (-60,), (-80, -60, -40), (-40, -60), (NAN, -40)),
        *((-91, -40), (-60, -9), (-INF, -40), ("-60", -40), (True, False)),
        *([[-60, -40]], {"a": -60}),
    ),
    "augmentation.time_shift_s": (*NO_NUMBER, 3601),
    "augmentation.speed_percent": (*NO_NUMBER, 51),
    "augmentation.mixup": (*NO_NUMBER, 101),
    "augmentation.mixing": (*NO_CHOICE, "", "Mixup"),
    "augmentation.background": NO_TEXT,
    "augmentation.background_snr_db": (
        *(None, 10, "10", (), (10,), (0, 10, 20), (20, 0), (NAN, 10)),
        *((-41, 0), (0, 81), (-INF, 0), ("0", 10), (True, False), {"a": 1}),
    ),
    "augmentation.background_share": (*NO_NUMBER, 1.1),
    "augmentation.time_mask_ms": (*NO_NUMBER, 1e9),
    "augmentation.num_time_masks": (*NO_COUNT, 101),
    "augmentation.frequency_mask_bands": (*NO_WHOLE, 1025),
    "augmentation.num_frequency_masks": (*NO_COUNT, 101),
    "evaluation.hop_s": (*NO_NUMBER, 3601, 10**400),
    "evaluation.pooling": (*NO_CHOICE, "", "mean", "max"),
    "image.size": (
        *(None, 32, "32", (), (32,), (32, 32, 3), (0, 32), (32, 4097)),
        *((32.0, 32), (True, 32), ("32", 32), {"a": 4}),
    ),
    "image.mean": (
        *(None, 0.5, "0.5", (), (0.5,) * 2, (0.5,) * 4, (-0.1,), (1.1,)),
        *((NAN,), (True,), ("0.5",)),
    ),
    "image.deviation": (
        *(None, 0.5, "0.5", (), (0.5,) * 2, (0,), (0.5, 0.5, 0), (1.1,)),
        *((NAN,), (True,), ("0.5",)),
    ),
    "image.crop": (*NO_CHOICE, "", "Padded"),
    "image.flip": NO_FLAG,
    "model.encoder": (*NO_CHOICE, "", "ResNet"),
    "model.stem": (*NO_CHOICE, ""),
    "model.downsampling": (*NO_CHOICE, ""),
    "model.downsampling_position": (*NO_CHOICE, "", "before", "after_ReLU"),
    "model.channels": (
        *(None, 4, "4", (0,), (-1,), (1.5,), (True,), ((4,),), (None,)),
        *((70_000,), (4,) * 33, {"a": 4}),
    ),
    "model.strides": (
        *(None, 2, "2", (2, 2), ((),), ((2, 2, 2, 2),), ((2, 0.5),)),
        *(((NAN, 2),), ((INF, 2),), ((True, 2),), ((2, "2"),), ((1e9, 2),)),
        ((2, 2),) * 33,
    ),
    "model.width": NO_POSITIVE,
    "model.smoothness_factor": NO_POSITIVE,
    "model.transition_band": (*NO_CHOICE, ""),
    "model.smoothness_percent": (*NO_NUMBER, -1, 101),
    "model.shared_stride": NO_FLAG,
    "model.folding": (*NO_NUMBER, -0.1, 1.1),
    "model.learn_folding": NO_FLAG,
    "model.shared_folding": NO_FLAG,
    "model.folded_axes": (*NO_CHOICE, "", "time"),
    "model.folded_channels": (*NO_CHOICE, ""),
    "model.size_multiple": (*NO_COUNT, 1025),
    "model.complexity_weight": (*NO_NUMBER, 1e7),
    "model.batch_norm_momentum": (*NO_NUMBER, 1, 1.0, 2),
    "training.num_steps": NO_COUNT,
    "training.steps_per_epoch": NO_COUNT,
    "training.batch_size": (*NO_COUNT, 70_000),
    "training.task_weights": (
        *NO_TEXT,
        *("pitch", "pitch=", "=1", "a=-1", "a=nan", "a=inf", "a=1;b=2"),
    ),
    "training.loss": (*NO_CHOICE, "", "Focal"),
    "training.focal_gamma": (*NO_NUMBER, 21),
    "training.label_smoothing": (*NO_NUMBER, 1, 0.95),
    "training.learning_rate": (*NO_POSITIVE, 2),
    "training.clip_norm": (*NO_NUMBER, 2e6, 10**400),
    "training.warmup_steps": NO_WHOLE,
    "training.optimizer": (*NO_CHOICE, "", "SGD", "AdamW"),
    "training.momentum": (*NO_NUMBER, 1, 1.0),
    "training.weight_decay": (*NO_NUMBER, 1.1),
    "training.schedule": (*NO_CHOICE, ""),
    "training.schedule_boundaries": (
        *(None, 0.5, "0.5", (0,), (1,), (0.75, 0.5), (0.5, 0.5), (-0.5,)),
        *((0.5, NAN), (0.5, "0.75"), (True,)),
    ),
    "training.stride_step_ratio": (*NO_NUMBER, 1e7),
    "training.folding_step_ratio": (*NO_NUMBER, 1e7),
    "training.early_stopping_epochs": NO_WHOLE,
    "fine_tuning.run": NO_TEXT,
    "fine_tuning.frozen": (*NO_TEXT, 1, "0", "33", "all", "-1", "1.5"),
    "fine_tuning.first_block_step_ratio": (*NO_POSITIVE, 1.1),
    "training.ema_momentum": (*NO_NUMBER, 1, 1.0),
    "training.monitor": (
        *(*NO_TEXT, "", "Accuracy", "accuracy:pitch", ":loss", "pitch:", "f1"),
        *("pitch:Loss", "loss "),
    ),
    "training.precision": NO_CHOICE,
    "training.jit_compile": NO_FLAG,
}


def values(field="window_s"):
    """The fields of a config of sound, or of images for a field of theirs."""
    config = default.get_config()
    if field.startswith("image."):
        config = default.for_images(config)
    return config_fields.flatten(config.to_dict())


def check_one(field, value):
    """The value of one field, checked alone."""
    return config_fields.check({field: value}, "a", required=())[field]


def test_the_fields_are_those_of_both_kinds_of_config():
    of_images = set(values("image.size"))
    assert set(config_fields.FIELDS) == set(values()) | of_images
    assert {"window_s", "front_end.hop_ms"}.isdisjoint(of_images)


def test_fields_of_sound_and_of_images_exclude_each_other():
    for mixed in (
        values() | {"image.flip": True},
        values("image.size") | {"window_s": 1.0},
    ):
        with pytest.raises(UserError, match="a: window_s is a field of sound"):
            config_fields.check(mixed, "a")


def test_a_command_for_sound_refuses_the_config_of_images():
    of_images = values("image.size")
    for required in (["window_s"], ["seed", "front_end"]):
        with pytest.raises(UserError, match="a is the config of a run on imag"):
            config_fields.check(of_images, "a", required)
    for fields, name in ((of_images, "image.crop"), (values(), "window_s")):
        assert config_fields.check(fields, "a", ["input"]) == fields
        del fields[name]
        with pytest.raises(UserError, match=f"a has no field {name}"):
            config_fields.check(fields, "a", ["input"])


def test_the_arms_are_those_of_the_model():
    for arm in downsampler.DOWNSAMPLING:
        assert check_one("model.downsampling", arm) == arm
    allowed = config_fields.allowed("model.downsampling")
    assert allowed.count("'") == 2 * len(downsampler.DOWNSAMPLING)


@pytest.mark.parametrize("field", config_fields.FIELDS)
def test_an_error_names_field_value_and_what_is_allowed(field):
    assert field in WRONG, f"add values of {field} that are not allowed"
    for value in WRONG[field]:
        with pytest.raises(UserError) as error:
            config_fields.check(values(field) | {field: value}, "a.json")
        sentence = str(error.value)
        start, _, allowed = sentence.partition(", but must be ")
        assert start.startswith(f"a.json: {field} is "), sentence
        assert start.endswith(repr(value)) or start.endswith("...")
        assert allowed == config_fields.allowed(field)
        assert "\n" not in sentence and len(sentence) < 300


@pytest.mark.parametrize(
    "field",
    [name for name in config_fields.FIELDS if name not in ADDED],
)
def test_a_missing_field_is_an_error(field):
    rest = values(field)
    del rest[field]
    with pytest.raises(UserError, match=f"a.json has no field {field}; it"):
        config_fields.check(rest, "a.json")


def test_the_config_of_an_earlier_version_gets_the_added_fields():
    now = values()
    before = {name: value for name, value in now.items() if name not in ADDED}
    assert len(before) < len(now)
    assert config_fields.check(before, "a") == now
    assert config_fields.check(before, "a", [config_fields.INPUT]) == now
    # As JSON has them, and half a section.
    some = {"augmentation.gain_db": 6.0}
    assert set(config_fields.differences(before | some, now | some)) == {
        ("augmentation.noise_db", "[]", "()"),
        ("augmentation.background_snr_db", "[0, 20]", "(0, 20)"),
    }
    assert config_fields.check(before | some, "a") == now | some
    of_images = values("image.size")
    assert config_fields.check(of_images, "a") == of_images
    assert "data.columns" in of_images
    assert not [name for name in of_images if name.startswith("augment")]


@pytest.mark.parametrize(
    "field, value",
    [("augmentation.gain_db", 6.0), ("evaluation.pooling", "max_logits")],
)
def test_a_config_of_images_has_no_section_of_sound(field, value):
    with pytest.raises(UserError, match=f"{field} is a field of s"):
        config_fields.check(values("image.size") | {field: value}, "a")


@pytest.mark.parametrize(
    "name, hint",
    [
        ("model.widht", "model.width"),
        (
            "nosuch",
            "data, devices, evaluation, fine_tuning, front_end, image, model",
        ),
        ("x" * 10_000, "x..."),
        ("two\nlines", r"no field 'two\nlines'"),
        ("", "there are"),
    ],
)
def test_an_unknown_field_is_an_error_with_a_hint(name, hint):
    with pytest.raises(UserError, match="there is no field") as error:
        config_fields.check(values() | {name: 1}, "a.json")
    assert hint in str(error.value) and len(str(error.value)) < 300


def test_a_wrong_section_and_a_dotted_name_are_errors():
    nested = default.get_config().to_dict()
    for change, message in (
        ({"model": 3}, "no field model"),
        ({"model": {}}, "no field model"),
        ({"seed": {"a": 1}}, r"seed is \{'a': 1\}, but"),
        ({"model.width": 2.0}, "there is no field 'model.width'"),
    ):
        fields = config_fields.flatten(nested | change)
        with pytest.raises(UserError, match=message):
            config_fields.check(fields, "a.json")


def test_an_allowed_value_gets_the_type_of_its_field():
    fields = values() | {
        "model.width": 1,
        "model.channels": [4, 8],
        "model.strides": [[2, 2], [1.5, 2]],
        "data.proportions": [],
    }
    checked = config_fields.check(fields, "a.json")
    assert repr(checked["model.width"]) == "1.0"
    assert checked["model.channels"] == (4, 8)
    assert checked["model.strides"] == ((2, 2), (1.5, 2))
    assert checked["data.proportions"] == ()


def test_a_reader_asks_for_its_own_fields_only():
    some = {"window_s": 1.0, "model.width": 0.5, "later.field": 3}
    assert config_fields.check(some, "a", ["window_s"]) == some
    with pytest.raises(UserError, match="a has no field model.encoder"):
        config_fields.check(some, "a", ["model"])
    with pytest.raises(UserError, match="a: model.width is 'x'"):
        config_fields.check(some | {"model.width": "x"}, "a", ["window_s"])


# Fields that are allowed one by one, but not together.
TOGETHER = [
    ({"training.num_steps": 7}, "multiple of training.steps_per_epoch, not 7"),
    ({"training.steps_per_epoch": 10**7}, "must be a multiple"),
    ({"front_end.max_hz": 8001.0}, r"half of .*sample_rate_hz \(8000\)"),
    ({"front_end.max_hz": 60.0}, r"above front_end.min_hz \(60\)"),
    ({"front_end.sample_rate_hz": 8000}, "front_end.max_hz is 7800, but"),
    ({"front_end.hop_ms": 26.0}, r"up to front_end.window_ms \(25\)"),
    ({"front_end.hop_ms": 0.01}, r"at least a sample \(0.0625\)"),
    ({"front_end.num_bands": 512}, "num_bands is 512, of which 164 hold no"),
    ({"window_s": 1e-5}, "window_s is 1e-05, which is less than a sample"),
    ({"window_s": 3600.0}, "batch_size is 256, of windows of 57,600,000"),
    ({"evaluation.hop_s": 1.5}, r"hop_s is 1.5, but must be up to .* \(1\)"),
    ({"evaluation.hop_s": 1e-5}, "hop_s is 1e-05, which is less than a samp"),
    ({"model.channels": (4,)}, "strides has 6 entries.*downsamples 1 times"),
    ({"model.width": 500.0}, "model.width is 500, which makes more than"),
    (
        {"model.strides": ((2, 1.5),) * 6, "model.downsampling": "max_pool"},
        r"strides has \(2, 1.5\), but must be whole for .* 'max_pool'",
    ),
    (
        {"model.strides": ((2, 1),) * 6, "model.shared_stride": True},
        r"strides has \(2, 1\), but they must be equal",
    ),
    (
        {"model.folding": 0.5, "model.downsampling": "strided_conv"},
        "folding is 0.5 and .* only DiffStride folds .* 'strided_conv'",
    ),
    (
        {"model.learn_folding": True, "model.downsampling": "max_pool"},
        "only DiffStride folds by a share; leave both out .* 'max_pool'",
    ),
    (
        {"model.folded_channels": "half"},
        "folded_channels is 'half', but nothing folds; set model.folding abo",
    ),
    (
        {"model.folding": 0.5, "model.shared_folding": True},
        "learn_folding is False; only a learned folding can be shared",
    ),
    (
        {
            "model.folding": 0.5,
            "model.folded_axes": "second",
            "model.encoder": "waveform",
        },
        "folded_axes is 'second', but the input of .*'waveform' has one axis",
    ),
    (
        {"model.strides": ((2, 2, 2),) * 6},
        r"strides has \(2, 2, 2\), but the input of .* has 2 axes",
    ),
    (
        {
            "model.downsampling_position": "after_relu",
            "model.encoder": "resnet18",
        },
        "'resnet18' and model.downsampling 'diffstride' it must be after_convo",
    ),
    (
        {
            "model.downsampling_position": "before_convolution",
            "model.downsampling": "strided_conv",
        },
        "position is 'before_convolution', but .* it must be after_convolution",
    ),
    (
        {"data.test_group": "x" * 999},
        "test_group is 'x{56}..., but data.source",
    ),
    (
        {"augmentation.time_mask_ms": 3.0},
        "time_mask_ms is 3, but must be 0, or from 10 to 1000, by front_end.ho",
    ),
    (
        {"augmentation.frequency_mask_bands": 65},
        "mask_bands is 65, but must be 0, or from 1 to 64, by front_end.num_b",
    ),
    (
        {
            "augmentation.time_mask_ms": 100.0,
            "model.encoder": "waveform",
        },
        "time_mask_ms is 100, but model.encoder 'waveform' sees no spectrogram",
    ),
    ({"model.stem": "large"}, "'time_frequency' has no stem to choose"),
    (
        {"model.encoder": "resnet18", "model.strides": ((2, 2),) * 2},
        "strides has 2 entries, but .*'resnet18' downsamples 4 times",
    ),
    (
        {"training.schedule": "steps"},
        r"schedule is 'steps' and .*schedule_boundaries is \(\); 'steps' needs",
    ),
    (
        {"training.schedule_boundaries": (0.5,)},
        "'constant' and .*no other schedule has",
    ),
    (
        {"training.warmup_steps": 1_000_000},
        r"warmup_steps is 1,000,000, but must be below .*\(1,000,000\)",
    ),
    (
        {"image.flip": True, "model.encoder": "waveform"},
        "model.encoder is 'waveform', which is for sound; an image has two",
    ),
    ({"image.mean": (0.5,)}, "image.deviation has 3 numbers and image.mean 1"),
    ({"image.size": (4096, 4096)}, r"256, of images of \(4096, 4096\) pixels"),
    (
        {"image.flip": False, "data.source": "audio_files", "data.path": "a"},
        "data.source is audio_files, which is sound, but the config is of ima",
    ),
    ({"data.source": "audio_files"}, "data.path is empty; give a folder"),
    ({"data.source": "tones,audio_files"}, "data.path is empty"),
    (
        {"data.test_group": "ann"},
        "test_group is 'ann', but data.source is 'tones'; only audio_files",
    ),
    (
        {"data.fold": "2/5"},
        "fold is '2/5', but data.source is .*; only audio_files have folds",
    ),
    (
        {
            "data.source": "audio_files",
            "data.path": "a",
            "data.fold": "2/5",
            "data.test_group": "ann",
        },
        "data.fold is 2/5, but data.test_group is 'ann'; leave one of them",
    ),
    ({"data.proportions": (1, 2)}, "has 2 numbers for 1 data sets; give one"),
    (
        {
            "data.source": "tones,audio_files",
            "data.path": "a,b",
            "data.proportions": (1, 2),
        },
        "has 2 numbers for 3 data sets",
    ),
]


@pytest.mark.parametrize("change, message", TOGETHER)
def test_fields_that_do_not_fit_together_are_an_error(change, message):
    fields = config_fields.check(values(next(iter(change))) | change, "a.json")
    with pytest.raises(UserError, match=message) as error:
        config_checks.check(config_fields.nest(fields))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "bands, window_ms, min_hz", [(64, 25, 60), (80, 25, 60), (200, 64, 0)]
)
def test_a_band_is_empty_where_the_front_end_says_so(bands, window_ms, min_hz):
    arguments = {
        "sample_rate_hz": 16000,
        "num_bands": bands,
        "window_ms": float(window_ms),
        "min_hz": float(min_hz),
        "max_hz": 7800.0,
    }
    front_end = config_fields.nest(arguments)
    empty = config_checks.empty_bands(front_end)
    try:
        LogMelSpectrogram(**arguments).build((None, None))
    except ValueError as error:
        num_empty = int(re.search(r"(\d+) are empty", str(error)).group(1))
    else:
        num_empty = 0
    assert empty == num_empty


def test_a_flag_stands_for_the_value_that_python_would_read():
    for field, text, value in (
        ("model.width", "1e-1", 0.1),
        ("training.num_steps", "1_000", 1000),
        ("model.strides", "((2,2),(1.5,2))", ((2, 2), (1.5, 2))),
        ("data.proportions", "[3, 1]", (3, 1)),
        ("data.proportions", "()", ()),
        ("augmentation.noise_db", "-90,-40", (-90, -40)),
        ("data.path", "007", "007"),
        ("data.tasks", "", ""),
        ("data.skip_bad_files", "true", True),
        ("data.skip_bad_files", "False", False),
    ):
        parsed = config_fields.parse(field, text)
        checked = check_one(field, parsed)
        assert (checked, type(checked)) == (value, type(value))


@pytest.mark.parametrize("field", config_fields.FIELDS)
def test_a_flag_with_a_wrong_value_is_an_error(field):
    is_text = config_fields.type_of(field) is str
    for text in ("((", "0or", "1" * 5000, "{[]: 1}", "a\0b"):
        if is_text and "\0" not in text:
            assert (
                config_fields.parse(field, text) == text
            )  # a name may be anything
            continue
        with pytest.raises(UserError, match=f"the flags: {field} is "):
            config_files.load("configs/quickstart.py", {field: text})
