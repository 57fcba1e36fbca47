"""Every field, with the paper's hyper-parameters.

The other configs start from this one and set what differs. All of them have the
variant `:small` for a laptop. It has a quarter of the channels, a short
schedule, and a transition band that costs less.

    python train.py --config=configs/default.py --workdir=runs/tones

trains on the embedded tones for the paper's million steps of 256 windows,
which needs a GPU for hours. Derive your own configs from it. The fields and
their values are in audio_diffstride/config/sections/.

A config is of sound, or of images after `for_images`: see
configs/cifar_resnet18.py.

Paper: Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 3.1.
"""

from audio_diffstride.config.recipes import apply_variant, for_images
from audio_diffstride.config.recipes import default as get_config

__all__ = ["apply_variant", "for_images", "get_config"]
