"""Logits of saved models, by whichever backend is set.

    python -m tests.support.saved_logits OUTPUT.npz MODEL.keras ...

Output: an array per model, in their order, on the windows of `five_steps`.
"""

import sys

import keras
import numpy as np

from tests.support import five_steps

if __name__ == "__main__":
    output, *paths = sys.argv[1:]
    x, _ = five_steps.data()
    np.savez(
        output,
        *(
            np.concatenate(
                five_steps.logits(keras.saving.load_model(path), x), axis=1
            )
            for path in paths
        ),
    )
