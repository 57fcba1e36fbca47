r"""EfficientNet-B0 on CIFAR-10, as in the paper's appendix (Tables A.5, A.6).

    python -m data.prepare --dataset cifar10
    python train.py --config=configs/cifar_efficientnet.py --workdir=DIR

`--config.data.source=cifar100` trains on CIFAR-100. Images are rescaled to 128
pixels, as the network downsamples seven times. The recipe is that of
configs/cifar_resnet18.py: the paper names no other. Measured with this config:
not run. Offline, on digits of 8 x 8 pixels that are always there:

    python train.py --config=configs/cifar_efficientnet.py:small \
        --config.data.source=digits --workdir=DIR
"""

from ml_collections import ConfigDict

from configs import cifar_resnet18


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on CIFAR; `:small` for a laptop."""
    config = cifar_resnet18.get_config(variant)
    config.model.encoder = "efficientnet_b0"
    config.image.size = (32, 32) if variant == "small" else (128, 128)
    return config
