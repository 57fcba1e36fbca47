"""Random crops to train on, every image once to evaluate."""

import keras
import numpy as np
import pytest

from audio_diffstride.datasets import image_batches, image_resizing
from audio_diffstride.datasets.image_batches import (
    EvaluationImages,
    TrainingImages,
)
from audio_diffstride.datasets.images import Images


def make_images(count=5, height=8, width=8, channels=3, may_mirror=True):
    """Images of which any pixel but 0 tells its image and place."""
    shape = (count, height, width, channels)
    values = np.arange(np.prod(shape)) % 255 + 1
    return Images(
        pixels=values.reshape(shape).astype(np.uint8),
        may_mirror=may_mirror,
        labels={"a": np.arange(count, dtype=np.int32)},
        files=[f"{number}" for number in range(count)],
        groups=[""] * count,
    )


def batches(images, crop="none", flip=False, size=(8, 8), **kwargs):
    arguments = {"batch_size": 4, "num_steps": 60, "seed": 1, **kwargs}
    return TrainingImages(images, crop, flip, size, **arguments)


@pytest.mark.parametrize("crop", ["none", "padded", "inception"])
def test_a_batch_is_a_function_of_seed_and_step_alone(crop):
    def drawn(**kwargs):
        sequence = batches(make_images(), crop, flip=True, **kwargs)
        return [sequence[step][0] for step in range(len(sequence))]

    forward = drawn()
    backward = batches(make_images(), crop, flip=True)
    for step in reversed(range(60)):
        np.testing.assert_array_equal(backward[step][0], forward[step])
    for resumed, whole in zip(drawn(first_step=17), forward[17:], strict=True):
        np.testing.assert_array_equal(resumed, whole)
    assert any((a != b).any() for a, b in zip(forward, drawn(seed=2)))


@pytest.mark.parametrize("crop", ["none", "padded", "inception"])
def test_shares_of_a_batch_make_up_the_batch(crop):
    images = make_images()
    whole = batches(images, crop, flip=True)
    shares = [
        batches(images, crop, flip=True, rows=rows)
        for rows in (slice(0, 1), slice(1, 4), slice(4, 4))
    ]
    for step in range(5):
        parts = [share[step][0] for share in shares if len(share[step][0])]
        np.testing.assert_array_equal(np.concatenate(parts), whole[step][0])


def test_each_pass_takes_every_image_once_with_its_label():
    images = make_images()
    sequence = batches(images)
    for step in range(60):
        pixels, labels, weights = sequence[step]
        np.testing.assert_array_equal(pixels, images.pixels[labels["a"]])
        assert weights["a"].tolist() == [1.0] * 4
        assert sequence.files(step) == [str(label) for label in labels["a"]]
    drawn = [sequence[step][1]["a"] for step in range(60)]
    passes = np.sort(np.concatenate(drawn).reshape(48, 5), axis=1)
    assert (passes == np.arange(5)).all()


def test_a_padded_crop_is_the_image_moved_to_every_place():
    images = make_images(count=2, height=16, width=8)
    padded = np.pad(images.pixels, ((0, 0), (2, 2), (1, 1), (0, 0)))
    places = set()
    sequence = batches(images, "padded", num_steps=200)
    for step in range(200):
        crops, labels, _ = sequence[step]
        for crop, around in zip(crops, padded[labels["a"]]):
            (place,) = [
                (top, left)
                for top in range(5)
                for left in range(3)
                if (around[top : top + 16, left : left + 8] == crop).all()
            ]
            places.add(place)
    assert places == {(top, left) for top in range(5) for left in range(3)}


def test_half_of_the_images_are_mirrored_where_they_may_be():
    images = make_images()
    mirrored = 0
    sequence = batches(images, flip=True)
    for step in range(60):
        pixels, labels, _ = sequence[step]
        for row, image in zip(pixels, images.pixels[labels["a"]]):
            is_mirrored = (row == image[:, ::-1]).all()
            assert is_mirrored or (row == image).all()
            mirrored += is_mirrored
    assert 90 < mirrored < 150  # of 240; 4 deviations around a half
    digits = batches(make_images(may_mirror=False), flip=True)
    plain = batches(make_images())
    for step in range(60):
        np.testing.assert_array_equal(digits[step][0], plain[step][0])


def test_inception_rectangles_have_the_published_area_and_shape():
    rng = np.random.default_rng(0)
    boxes = [
        image_batches.rectangle(100, 120, rng.random((10, 4)))
        for _ in range(4000)
    ]
    left, top, right, bottom = np.array(boxes).T
    assert left.min() >= 0 and top.min() >= 0
    assert right.max() <= 120 + 1e-9 and bottom.max() <= 100 + 1e-9
    area = (right - left) * (bottom - top) / 12000
    aspect = (right - left) / (bottom - top)
    whole = area > 1 - 1e-9  # no attempt was inside
    assert whole.mean() < 0.01
    assert 0.08 <= area.min() < 0.09 and area[~whole].max() > 0.9
    assert 0.75 <= aspect[~whole].min() < 0.76
    assert 1.32 < aspect[~whole].max() <= 4 / 3 + 1e-9
    # An area is drawn evenly where every one fits.
    assert abs(np.mean(area < 0.29) - 0.21 / 0.92) < 0.06


def test_inception_crops_are_of_one_size_and_of_the_image():
    images = make_images(count=3, height=20, width=30, channels=1)
    flat = np.full_like(images.pixels, 7)
    numbers = np.random.default_rng(0).random((3, 40))
    crops = image_batches.inception_crops(flat, (6, 10), numbers)
    assert crops.shape == (3, 6, 10, 1) and (crops == 7).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_enlarging_is_bilinear_as_in_keras(channels):
    pixels = make_images(1, 8, 8, channels).pixels[0]
    enlarged = image_resizing.resize(pixels, (16, 24))
    expected = keras.ops.image.resize(
        pixels.astype("float32"), (16, 24), data_format="channels_last"
    )
    np.testing.assert_allclose(enlarged, expected, atol=1.01)


def test_an_image_is_scaled_until_it_covers_and_its_centre_taken():
    # Columns of grey, 8 wide: of a 24 x 8 image the centre 8 columns stay.
    columns = np.repeat(np.arange(24, dtype=np.uint8), 8).reshape(24, 8).T
    pixels = columns[..., None] * 10  # (8, 24, 1)
    np.testing.assert_array_equal(
        image_resizing.cover(pixels, (8, 8)), pixels[:, 8:16]
    )
    assert image_resizing.cover(pixels, (8, 24)) is pixels
    halved = image_resizing.cover(pixels, (4, 4))
    assert halved.shape == (4, 4, 1)
    np.testing.assert_allclose(
        halved[1, :, 0], pixels[0, 8:16, 0].reshape(4, 2).mean(axis=1), atol=8
    )
    for height, width in ((1, 300), (333, 257), (7, 5)):
        odd = np.full((height, width, 3), 9, np.uint8)
        assert (image_resizing.cover(odd, (256, 256)) == 9).all()


@pytest.mark.parametrize("crop, side", [("none", 16), ("inception", 14)])
def test_evaluation_has_every_image_once_in_order(crop, side):
    images = make_images(count=5, height=16, width=16)
    sequence = EvaluationImages(images, crop, batch_size=2)
    assert len(sequence) == 3
    pixels = np.concatenate([sequence[index][0] for index in range(3)])
    edge = (16 - side) // 2
    inner = slice(edge, 16 - edge)
    np.testing.assert_array_equal(pixels, images.pixels[:, inner, inner])
    np.testing.assert_array_equal(sequence.clip_of_window, np.arange(5))
    assert (sequence.weights == 1).all()
