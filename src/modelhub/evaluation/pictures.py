"""Pictures decoded into arrays, in the form that a network takes."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from modelhub.errors import DamagedFileError, InputError
from modelhub.evaluation.data import Array, DataOptions, WantedInput

MAX_PIXELS = 100_000_000
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_DEEP = ("I", "F")  # modes of more than 8 bits a channel
_RANK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureForm:
    """How pictures become arrays of bytes.

    Attributes:
        channels: 1 (grey), 3 or 4.
        size: height and width that they are resized to (bilinear); None leaves them.
        is_channels_last: shape (height, width, channels), not (channels, height, width).
    """

    channels: int = 3
    size: tuple[int, int] | None = None
    is_channels_last: bool = False


def form_of(wanted: Sequence[WantedInput], options: DataOptions) -> PictureForm:
    """The form that the network's input for pictures takes, if it has one."""
    shapes = [each.shape for each in wanted if len(each.shape) == _RANK]
    if len(shapes) == 1:
        first, _, last = shapes[0]
        if first in _MODES:
            return PictureForm(channels=first, size=options.image_size)
        if last in _MODES:
            return PictureForm(channels=last, size=options.image_size, is_channels_last=True)
    return PictureForm(size=options.image_size)


def picture(raw: bytes, name: str, form: PictureForm) -> Array:
    """Decode a picture.

    Returns:
        uint8, of shape (channels, height, width), or with the channels last.

    Raises:
        DamagedFileError: it is no picture, or a damaged one; says which.
        InputError: it has more than 8 bits a channel, or very many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw)) as image:
                _check(image, name)
                pixels = _pixels(image, form)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(f"{name} has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise DamagedFileError(f"{name} is no picture that can be read") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise DamagedFileError(f"{name} is a damaged picture ({error})") from None
    return pixels if form.is_channels_last else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _check(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise InputError(f"{name} has more than {MAX_PIXELS:,} pixels")
    if image.mode.startswith(_DEEP):
        raise InputError(f"{name} has more than 8 bits a channel; convert it, or use arrays")


def _pixels(image: Image.Image, form: PictureForm) -> Array:
    """Shape (height, width, channels)."""
    found = image.convert(_MODES[form.channels])
    if form.size is not None and (found.height, found.width) != form.size:
        height, width = form.size
        found = found.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(found, np.uint8).reshape(found.height, found.width, form.channels)
