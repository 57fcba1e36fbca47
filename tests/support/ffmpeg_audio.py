"""Recordings and videos that only FFmpeg reads, written by PyAV."""

import av
import numpy as np

FRAME = 1024
# The codec, and the format of its samples, of a file by its suffix.
LOSSLESS = {
    ".m4a": ("alac", "s16p"),
    ".mov": ("pcm_s16le", "s16"),
    ".mkv": ("flac", "s16"),
    ".avi": ("pcm_s16le", "s16"),
}
LOSSY = {
    ".m4a": ("aac", "fltp"),
    ".aac": ("aac", "fltp"),
    ".mp4": ("aac", "fltp"),
    ".wma": ("wmav2", "fltp"),
    ".webm": ("libopus", "flt"),
    ".avi": ("ac3", "fltp"),
}


def write(path, kind, samples, rate_hz, video_frames=0, options=None):
    """Writes samples of shape (samples,) or (samples, channels).

    Args:
        path: of the file.
        kind: (codec, format of its samples).
        samples: of the type of that format.
        rate_hz: of the samples.
        video_frames: of a black picture, ten a second; 0 is no picture.
        options: of the container.
    """
    codec, form = kind
    samples = samples.reshape(len(samples), -1)
    layout = ("mono", "stereo")[samples.shape[1] - 1]
    with av.open(str(path), "w", options=options or {}) as container:
        # FFmpeg ends the process if a stream is added after the first packet.
        pictures = _add_pictures(container) if video_frames else None
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        stream.bit_rate = 96_000
        _write_pictures(container, pictures, video_frames)
        for begin in range(0, len(samples), FRAME):
            part = samples[begin : begin + FRAME]
            part = part.T if form.endswith("p") else part.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(part), format=form, layout=layout
            )
            frame.sample_rate = rate_hz
            frame.pts = begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_silent_video(path):
    """Writes a video without a sound track."""
    with av.open(str(path), "w") as container:
        _write_pictures(container, _add_pictures(container), 10)
    return path


def _add_pictures(container):
    stream = container.add_stream("mpeg4", rate=10)
    stream.width = stream.height = 16
    stream.pix_fmt = "yuv420p"
    return stream


def _write_pictures(container, stream, num_frames):
    for _ in range(num_frames):
        picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))
        container.mux(stream.encode(picture))
    if stream:
        container.mux(stream.encode(None))
