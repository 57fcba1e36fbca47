"""The definition of DiffStride again, with the FFT of NumPy in float64."""

import numpy as np

ODD_AND_TINY_SIZES = (*range(1, 41), 98, 101, 160)


def mask(frequencies, size, stride, smoothness, band):
    """The mask at two-sided bins; see layer.md section 1 and 3."""
    f = np.abs(frequencies)
    if size <= 2:
        return np.ones_like(f)
    if band == "outside":
        stride = max(stride, size / max(size - smoothness, size / 2))
        cutoff = size / (2 * stride)
        return np.clip((smoothness + cutoff - f) / smoothness, 0, 1)
    cutoff = size / (2 * stride)
    width = max(1.0, min(smoothness, cutoff / 2))
    return np.where(f == 0, 1.0, np.clip((cutoff - f) / width, 0, 1))


def output_size(size, stride, smoothness, band):
    """M, as the design says."""
    return output_sizes(size, stride, smoothness, band)[0]


def output_sizes(size, stride, smoothness, band):
    """M, and the size that float32 rounding may give instead.

    The floor has a tolerance of 1e-4. Strides and sizes are float32. So a
    length at the very edge of the tolerance may fall on either side. For
    example, 40 / 2.00001 + 1e-4 is 20 in float32, but 1e-7 less in float64.
    Both sizes are then right.

    Returns:
        [M], or [M, M'] with the size on the other side of the edge.
    """
    if size <= 2:
        return [size]
    if band == "outside":
        stride = max(stride, size / max(size - smoothness, size / 2))
        length = size / stride + 2 * smoothness
    else:
        length = size / stride
    length += 1e-4
    rounding = 2 * np.finfo(np.float32).eps * length  # of four operations
    lengths = length, length - rounding, length + rounding
    sizes = [min(size, max(2, int(np.floor(n)))) for n in lengths]
    return list(dict.fromkeys(sizes))


def downsample(x, axis, stride, smoothness=4.0, band="outside", new_size=None):
    """Two-sided complex FFT, mask, crop, inverse FFT along one axis.

    `new_size` chooses among `output_sizes`; None is the first.
    """
    x = np.moveaxis(np.asarray(x, np.float64), axis, -1)
    size = x.shape[-1]
    new_size = new_size or output_size(size, stride, smoothness, band)
    bins = np.fft.fftfreq(size, 1 / size)
    spectrum = np.fft.fft(x) * mask(bins, size, stride, smoothness, band)
    cropped = np.zeros((*x.shape[:-1], new_size), complex)
    for index, f in enumerate(np.round(bins).astype(int)):
        if 2 * abs(f) < new_size:
            cropped[..., f % new_size] += spectrum[..., index]
        elif 2 * abs(f) == new_size and new_size < size:
            # Both ends of the band fall on the Nyquist bin.
            cropped[..., f % new_size] += spectrum[..., index]
        elif 2 * abs(f) == new_size:
            cropped[..., f % new_size] = spectrum[..., index]
    y = np.fft.ifft(cropped) * new_size / size
    assert np.abs(y.imag).max() < 1e-9
    return np.moveaxis(y.real, -1, axis)


def fold(x, axis, stride, folding, smoothness=4.0, band="outside"):
    """The signal as a sum of complex waves, evaluated at the output positions.

    A wave above the output's limit is evaluated like any other, so it folds.
    Its gain is 0 in the paper's mask, and so `folding` in all.
    """
    x = np.moveaxis(np.asarray(x, np.float64), axis, -1)
    size = x.shape[-1]
    new_size = output_size(size, stride, smoothness, band)
    bins = np.arange(size // 2 + 1)
    kept = mask(bins, size, stride, smoothness, band)
    kept = np.where(2 * bins <= new_size, kept, 0)
    spectrum = np.fft.rfft(x) * (kept + folding * (1 - kept))
    positions = np.arange(new_size) * size / new_size
    waves = np.exp(2j * np.pi * np.outer(bins, positions) / size)
    single = (bins == 0) | (2 * bins == size)
    waves *= np.where(single, 1, 2)[:, None] / size
    return np.moveaxis((spectrum @ waves).real, -1, axis)
