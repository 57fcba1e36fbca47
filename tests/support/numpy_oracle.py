"""DiffStride's definition once more, by NumPy's FFT and in float64."""

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
    if size <= 2:
        return size
    if band == "outside":
        stride = max(stride, size / max(size - smoothness, size / 2))
        length = size / stride + 2 * smoothness
    else:
        length = size / stride
    return min(size, max(2, int(np.floor(length + 1e-4))))


def downsample(x, axis, stride, smoothness=4.0, band="outside"):
    """Two-sided complex FFT, mask, crop, inverse FFT along one axis."""
    x = np.moveaxis(np.asarray(x, np.float64), axis, -1)
    size = x.shape[-1]
    new_size = output_size(size, stride, smoothness, band)
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
