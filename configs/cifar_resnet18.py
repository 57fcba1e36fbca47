r"""ResNet-18 on CIFAR-10, as in the paper's section 3.2; other images as well.

    python -m data.prepare --dataset cifar10
    python train.py --config=configs/cifar_resnet18.py --workdir=DIR

`--config.data.source=cifar100` trains on CIFAR-100. The paper's accuracies at
initial strides of 2 (Table 3): 91.4 (strided), 92.4 (spectral), 92.5 %
(DiffStride); on CIFAR-100 66.8, 73.7, 73.4 %. Measured with this config: not
run. Offline, on digits of 8 x 8 pixels that are always there:

    python train.py --config=configs/cifar_resnet18.py:small \
        --config.data.source=digits --workdir=DIR

The paper's weight decay of 5e-3 means here what it means in its released code:
the loss has 5e-3 times the sum of the squares of the kernels. That code's own
config has 5e-4 instead. It also has norms before the convolutions, which is
`--config.model.encoder=resnet18_preactivation`. A tenth of the 50,000 training
images validates here. The paper trains on all.
"""

from ml_collections import ConfigDict

from configs import default

_STEPS_PER_EPOCH = 195  # 50,000 images, as the paper counts epochs


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on CIFAR; `:small` for a laptop."""
    config = default.for_images(default.get_config())
    config.data.source = "cifar10"
    config.model.encoder = "resnet18"
    config.training.num_steps = 400 * _STEPS_PER_EPOCH
    config.training.steps_per_epoch = _STEPS_PER_EPOCH
    config.training.optimizer = "sgd"
    config.training.learning_rate = 0.1
    config.training.weight_decay = 5e-3
    config.training.schedule = "steps"
    config.training.schedule_boundaries = (0.5, 0.75)
    return apply_variant(config, variant)


def apply_variant(config: ConfigDict, variant: str) -> ConfigDict:
    """The config for a laptop if `variant` is "small": steps of the recipe."""
    recipe = config.training.copy_and_resolve_references()
    config = default.apply_variant(config, variant)
    if variant == "small":
        config.image.size = (16, 16)
        config.training.num_steps = 200
        config.training.steps_per_epoch = 50
        # At most a tenth of the epochs: the full decay would undo what is
        # learned.
        config.training.weight_decay = recipe.weight_decay / 50
        for name in ("learning_rate", "schedule", "stride_step_ratio"):
            config.training[name] = recipe[name]
    return config
