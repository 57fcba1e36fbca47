r"""ResNet-18 on ImageNet, as in the paper's section 3.2.

    python -m data.prepare --dataset imagenet2012 --manual_dir DIR  # 262 GB
    python train.py --config=configs/imagenet_resnet18.py --workdir=DIR

The paper's top-1 accuracies are in its Table 4. Measured with this config: not
run. Offline, on digits of 8 x 8 pixels that are always there:

    python train.py --config=configs/imagenet_resnet18.py:small \
        --config.data.source=digits --workdir=DIR

The first stage learns its strides too, starting from 1. Crops as in Szegedy et
al. (2015) are taken from images prepared at 256 x 256 pixels, not from the
originals. Weight decay has the meaning of configs/cifar_resnet18.py. One
hundredth of the training images validates. The test set is the official
validation set.
"""

from ml_collections import ConfigDict

from configs import cifar_resnet18, default

_STEPS_PER_EPOCH = 5_004  # 1.28 million images, as the paper counts epochs


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on ImageNet; `:small` for a laptop."""
    config = default.for_images(default.get_config())
    config.data.source = "imagenet2012"
    config.image.size = (224, 224)
    config.image.mean = (0.485, 0.456, 0.406)
    config.image.deviation = (0.229, 0.224, 0.225)
    config.image.crop = "inception"
    config.model.encoder = "resnet18"
    config.model.stem = "large"
    config.model.strides = ((1, 1), (2, 2), (2, 2), (2, 2))
    config.training.num_steps = 90 * _STEPS_PER_EPOCH
    config.training.steps_per_epoch = _STEPS_PER_EPOCH
    config.training.optimizer = "sgd"
    config.training.learning_rate = 0.1
    config.training.weight_decay = 1e-3
    config.training.schedule = "steps"
    # Epochs 30, 60 and 80
    config.training.schedule_boundaries = (1 / 3, 2 / 3, 8 / 9)
    config = cifar_resnet18.apply_variant(config, variant)
    if variant == "small":
        config.image.size = (64, 64)
    return config
