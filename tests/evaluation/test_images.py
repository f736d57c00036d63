"""Folders of pictures."""

import numpy as np
import pytest
from PIL import Image

from modelhub.errors import InputError
from modelhub.evaluation import DataOptions, WantedInput, connect, open_data

RNG = np.random.default_rng(0)
GREY = [WantedInput(name="x", dtype="float32", shape=(1, 6, 6))]


@pytest.fixture
def folder(tmp_path):
    """Two cats and an ant."""
    for name in ("cat/b.png", "cat/a.png", "ant/deep/c.png"):
        path = tmp_path / "test" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(0, 256, (6, 6, 3), np.uint8)).save(path)
    (tmp_path / "test" / "empty").mkdir()
    (tmp_path / "test" / "cat" / ".hidden.png").write_bytes(b"")
    return tmp_path / "test"


def test_folders_are_classes(folder) -> None:
    """By the alphabet; those without pictures do not count."""
    source = open_data(str(folder))
    (batch,) = source.batches(9, ["image", "label"])
    assert source.classes == ["ant", "cat"]
    assert batch["label"].tolist() == [0, 1, 1]
    assert batch["image"].shape == (3, 3, 6, 6)


def test_pixels_are_fed_as_numbers_from_0_to_1(folder) -> None:
    """In grey where the network has one channel, as torchvision's ToTensor would."""
    feed = connect(open_data(str(folder), wanted=GREY), GREY, DataOptions())
    (batch,) = feed.batches(9)
    raw = np.asarray(Image.open(folder / "ant/deep/c.png").convert("L"))
    np.testing.assert_array_equal(batch.inputs["x"][0, 0], raw.astype(np.float32) / np.float32(255))


def test_the_hash_is_of_places_and_bytes(folder) -> None:
    """With a pass or without; another place is other data."""
    source, other = open_data(str(folder)), open_data(str(folder))
    list(source.batches(2, ["image"]))
    assert source.content() == other.content()
    (folder / "cat/b.png").rename(folder / "ant/b.png")
    assert open_data(str(folder)).content() != other.content()


def test_sizes_must_be_equal(folder) -> None:
    """Or be made so."""
    Image.fromarray(np.zeros((9, 7, 3), np.uint8)).save(folder / "cat/z.png")
    with pytest.raises(InputError, match=r"z\.png has the shape .* --image-size"):
        list(open_data(str(folder)).batches(9, ["image"]))
    options = DataOptions(image_size=(6, 6))
    found = next(open_data(str(folder), options=options).batches(9, ["image"]))
    assert found["image"].shape == (4, 3, 6, 6)
    with pytest.raises(InputError, match="give --image-size"):
        connect(
            open_data(str(folder)),
            [WantedInput(name="x", dtype="float32", shape=(3, 5, 5))],
            DataOptions(),
        )


def test_folders_without_classes(folder) -> None:
    """Loose pictures have no labels; no pictures are no data."""
    assert "label" not in open_data(str(folder / "cat")).fields
    with pytest.raises(InputError, match="holds no pictures"):
        open_data(str(folder / "empty"))
