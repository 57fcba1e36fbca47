"""The recipes that come with the package: every field, and its default.

The other configs start from `default` and set what differs. `small` makes any
of them fit a laptop: a quarter of the channels, a short schedule and a
transition band that costs less.

Paper: Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 3.1.
"""

from __future__ import annotations

import ml_collections


def default(variant: str = "") -> ml_collections.ConfigDict:
    """The paper's configuration; `variant` is "" or "small"."""
    config = ml_collections.ConfigDict()
    config.seed = 0  # of weights, order, and positions of windows and crops
    config.devices = "1"  # of each process, that share a batch: a number, all
    config.window_s = 1.0  # length of a window, training and evaluation

    config.data = ml_collections.ConfigDict()
    # Names in data/catalogue.py, or audio_files; several by commas
    config.data.source = "tones"
    config.data.split = ""  # official or paper; empty is the default
    config.data.path = ""  # of audio_files: a folder or a CSV, or several
    config.data.test_group = ""  # of audio_files: a group to test on, and not
    # train on, whatever the CSV's splits; empty leaves them as they are
    config.data.proportions = ()  # of the sources in a batch; empty is equal
    config.data.tasks = ""  # what to predict, by commas; empty is all
    config.data.store_dir = "~/.cache/audio_diffstride"  # prepared clips
    config.data.skip_bad_files = False  # leave out what cannot be decoded

    config.front_end = ml_collections.ConfigDict()
    config.front_end.sample_rate_hz = 16000
    config.front_end.num_bands = 64  # mel bands
    config.front_end.window_ms = 25.0
    config.front_end.hop_ms = 10.0
    config.front_end.min_hz = 60.0
    config.front_end.max_hz = 7800.0
    config.front_end.log_offset = 1e-6  # mel power; see LogMelSpectrogram

    config.model = ml_collections.ConfigDict()
    # time_frequency, or an image network: see
    # audio_diffstride/config/architectures.py
    config.model.encoder = "time_frequency"
    config.model.stem = "small"  # large: an image network's, for 224 pixels
    # strided_conv, spectral, diffstride, max_pool, average_pool; or, an
    # experiment, diffstride_per_example
    config.model.downsampling = "diffstride"
    # Or before_convolution, or after_relu; of time_frequency only
    config.model.downsampling_position = "after_convolution"
    # Empty stands for the published ones of the encoder, in this and the next
    config.model.channels = ()  # of each block
    # (time, frequency) of each block; for DiffStride where learning starts
    config.model.strides = ()
    config.model.width = 1.0  # factor on all the channels
    config.model.smoothness_factor = 4.0  # DiffStride's ramp R, in bins
    config.model.transition_band = "outside"  # or inside the cut-off
    config.model.smoothness_percent = 0.0  # of the axis; > 0: instead of bins
    config.model.shared_stride = False  # one stride for time and frequency
    config.model.size_multiple = 1  # round DiffStride's output sizes up to it
    config.model.complexity_weight = 0.0  # the paper's lambda, of Eq. 6
    config.model.batch_norm_momentum = 0.99

    config.training = ml_collections.ConfigDict()
    config.training.num_steps = 1_000_000
    config.training.steps_per_epoch = 5_000  # then it validates and saves
    config.training.batch_size = 256  # windows per step
    config.training.task_weights = ""  # of the losses: task=0.5,task=2
    config.training.optimizer = "adam"  # or sgd
    config.training.momentum = 0.9  # of sgd
    # The loss has so many times the sum of the squares of all kernels
    config.training.weight_decay = 0.0
    config.training.learning_rate = 1e-4
    # Or cosine: down to 0; or steps: to a tenth at each of the boundaries
    config.training.schedule = "constant"
    config.training.schedule_boundaries = ()  # shares of the run: (0.5, 0.75)
    # The strides' learning rate over the weights'; see StrideSteps
    config.training.stride_step_ratio = 1.0
    config.training.precision = "float32"  # mixed_bfloat16 or mixed_float16
    # XLA: output sizes are fixed, see RefreshSizes; not bit-reproducible
    config.training.jit_compile = False
    return apply_variant(config, variant)


def for_images(config) -> ml_collections.ConfigDict:
    """The config with the section of images in place of the sound's."""
    del config.window_s, config.front_end
    config.image = ml_collections.ConfigDict()
    # (height, width) that the network sees; others are resized to it
    config.image.size = (32, 32)
    # Of each channel, in [0, 1]; these are of CIFAR-10's training images
    config.image.mean = (0.4914, 0.4822, 0.4465)
    config.image.deviation = (0.2470, 0.2435, 0.2616)
    # none, padded or inception; see audio_diffstride/datasets/image_batches.py
    config.image.crop = "padded"
    # Mirror half of the images, where the data set may be: digits may not
    config.image.flip = True
    return config


def apply_variant(config, variant: str):
    """The config for a laptop if `variant` is "small"."""
    if variant not in ("", "small"):
        raise ValueError(f"the only variant is :small, not :{variant}")
    if variant == "small":
        config.model.width = 0.25
        # Statistics of 0.99 lag behind in a run this short.
        config.model.batch_norm_momentum = 0.9
        # 4 bins of 100 frames. As accurate as the paper's 4 bins everywhere,
        # which keep most of the small maps of deep blocks, for less than half
        # of the cost at windows of 1 s: docs/studies.md.
        config.model.smoothness_percent = 4.0
        config.training.num_steps = 1_500
        config.training.steps_per_epoch = 150
        config.training.batch_size = 64
        config.training.learning_rate = 1e-3
        config.training.schedule = "cosine"
        # A stride can travel 1500 * 1e-3 / 2 * 30 = 22 in this run; at the
        # weights' own rate it could not leave its start.
        config.training.stride_step_ratio = 30.0
    return config


def recordings(variant: str = "") -> ml_collections.ConfigDict:
    """The paper's recipe on own recordings; `variant` is "" or "small"."""
    config = default()
    config.data.source = "audio_files"
    # A fiftieth of the paper's steps: own data sets are smaller.
    config.training.num_steps = 20_000
    config.training.steps_per_epoch = 500
    config.training.schedule = "cosine"
    config.training.stride_step_ratio = 10.0
    return apply_variant(config, variant)
