"""Pictures decoded."""

import io

import numpy as np
import pytest
from PIL import Image

from modelhub.errors import DamagedFileError, InputError
from modelhub.evaluation import DataOptions, WantedInput
from modelhub.evaluation.pictures import PictureForm, form_of, picture

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (5, 4, 3), np.uint8)


def png(pixels, mode=None):
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, "png")
    return file.getvalue()


def test_colours_are_channels() -> None:
    """First, or last where the network takes them so."""
    found = picture(png(COLOUR), "a", PictureForm())
    np.testing.assert_array_equal(found, COLOUR.transpose(2, 0, 1))
    last = picture(png(COLOUR), "a", PictureForm(is_channels_last=True))
    np.testing.assert_array_equal(last, COLOUR)


def test_grey_as_pillow_makes_it() -> None:
    """For networks of one channel."""
    expected = np.asarray(Image.fromarray(COLOUR).convert("L"))
    np.testing.assert_array_equal(picture(png(COLOUR), "a", PictureForm(channels=1))[0], expected)


def test_sizes_are_height_and_width() -> None:
    """In this order."""
    assert picture(png(COLOUR), "a", PictureForm(size=(2, 7))).shape == (3, 2, 7)


@pytest.mark.parametrize(
    ("shape", "channels", "is_last"),
    [((1, 28, 28), 1, False), ((None, None, 3), 3, True), ((4, 8, 8), 4, False), ((7,), 3, False)],
)
def test_the_network_says_the_form(shape, channels, is_last) -> None:
    """By its only input of three axes."""
    form = form_of([WantedInput(name="x", dtype="float32", shape=shape)], DataOptions())
    assert (form.channels, form.is_channels_last) == (channels, is_last)


def test_what_is_no_picture() -> None:
    """Damaged, of another kind, or too deep."""
    with pytest.raises(DamagedFileError, match="a is no picture"):
        picture(b"nothing", "a", PictureForm())
    with pytest.raises(DamagedFileError, match="damaged picture"):
        picture(png(RNG.integers(0, 256, (99, 99, 3), np.uint8))[:500], "a", PictureForm())
    with pytest.raises(InputError, match="8 bits"):
        picture(png(np.zeros((2, 2), np.uint16)), "a", PictureForm())
