"""Everything that changes training windows, switched on."""

import numpy as np
import soundfile

MASKS = {"time_mask_ms": 100.0, "frequency_mask_bands": 20}


def switch_all_on(config, folder):
    """Every change of training windows, of labels and of their order.

    Background noise and its store are written into the folder.
    """
    rng = np.random.default_rng(0)
    (folder / "noise").mkdir(exist_ok=True)
    noise = rng.normal(0, 0.1, 20_000)
    if not (folder / "noise" / "a.wav").exists():
        soundfile.write(folder / "noise" / "a.wav", noise, 16000)
    config.data.store_dir = str(folder / "stores")
    config.augmentation.update(
        background=str(folder / "noise"),
        gain_db=12.0,
        noise_db=(-60, -30),
        time_shift_s=0.1,
        speed_percent=10.0,
        mixup=0.5,
        mixing="loudness",
        **MASKS,
    )
    config.data.balance = 0.7
    config.training.update(loss="focal", label_smoothing=0.1)
    return config
