r"""DenseNet-BC on CIFAR-10, as in the paper's appendix (Tables A.3, A.4).

    python -m data.prepare --dataset cifar10
    python train.py --config=configs/cifar_densenet.py --workdir=DIR

`--config.data.source=cifar100` trains on CIFAR-100. Depth 121, growth rate 32;
the last two of its three transitions downsample, as the paper counts two. The
recipe is that of configs/cifar_resnet18.py: the paper names no other. Measured
with this config: not run. Offline, on digits of 8 x 8 pixels that are always
there:

    python train.py --config=configs/cifar_densenet.py:small \
        --config.data.source=digits --workdir=DIR
"""

from ml_collections import ConfigDict

from configs import cifar_resnet18


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on CIFAR; `:small` for a laptop."""
    config = cifar_resnet18.get_config(variant)
    config.model.encoder = "densenet121"
    config.model.strides = ((2, 2), (2, 2))
    return config
