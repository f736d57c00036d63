"""Layouts of sets of files."""

from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, external_data_helper, helper, numpy_helper
from safetensors.numpy import save_file

from modelhub.errors import DamagedFileError, InputError
from modelhub.recipes import READERS, Layout, read_layouts

ARRAY = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)


def model(*tensors) -> onnx.ModelProto:
    return helper.make_model(helper.make_graph([], "g", [], [], list(tensors)))


def external(location: str) -> TensorProto:
    tensor = numpy_helper.from_array(ARRAY, "w")
    external_data_helper.set_external_data(tensor, location, offset=0, length=ARRAY.nbytes)
    tensor.ClearField("raw_data")
    return tensor


def write_all(folder: Path) -> None:
    torch.save({"w": torch.from_numpy(ARRAY)}, folder / "zip.pt")
    torch.save(
        {"w": torch.from_numpy(ARRAY)}, folder / "old.pt", _use_new_zipfile_serialization=False
    )
    save_file({"w": ARRAY}, folder / "a.safetensors")
    with h5py.File(folder / "a.h5", "w") as file:
        file["w"] = ARRAY
    np.save(folder / "w.npy", ARRAY)
    np.savez(folder / "a.npz", w=ARRAY)
    onnx.save(model(numpy_helper.from_array(ARRAY, "w")), folder / "a.onnx")


def test_one_tensor_in_every_format(tmp_path, tensors_of):
    """The same array is the same dtype, shape and bytes wherever it is stored."""
    write_all(tmp_path)
    paths = sorted(each.name for each in tmp_path.iterdir())
    layouts = read_layouts(tmp_path, paths)
    elsewhere = {"gguf", "caffe", "keras"}  # their names are of other forms: see their own tests
    assert {layout.reader for layout in layouts.values()} == set(READERS) - elsewhere
    for path, layout in layouts.items():
        found = tensors_of(tmp_path / path, layout)
        assert found == {"w": ("float32", (5, 6), ARRAY.tobytes())}, path
        assert [span.shape for span in layout.spans] == [(5, 6)], path


def test_every_reader_is_asked():
    """Those that are listed are those that are there, in both places."""
    for name in READERS:
        assert READERS.get(name).name == name


def test_files_that_are_stored_whole(tmp_path):
    """Those that nobody claims, those that are empty, and those that the user names."""
    write_all(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty.pt").touch()
    layouts = read_layouts(tmp_path, ["notes.txt", "empty.pt", "zip.pt"], whole=["zip.pt"])
    assert layouts == {
        "notes.txt": Layout(reader="whole", size=5),
        "empty.pt": Layout(reader="whole", size=0),
        "zip.pt": Layout(reader="whole", size=(tmp_path / "zip.pt").stat().st_size),
    }


def test_external_data_are_tensors_of_their_file(tmp_path, tensors_of):
    """If it is there with the model, in the model's folder."""
    (tmp_path / "sub").mkdir()
    onnx.save(model(external("data/w.bin")), tmp_path / "sub" / "m.onnx")
    (tmp_path / "sub" / "data").mkdir()
    (tmp_path / "sub" / "data" / "w.bin").write_bytes(ARRAY.tobytes())
    paths = ["sub/m.onnx", "sub/data/w.bin"]
    layout = read_layouts(tmp_path, paths)["sub/data/w.bin"]
    assert layout.reader == "onnx-data"
    found = tensors_of(tmp_path / "sub/data/w.bin", layout)
    assert found == {"w": ("float32", (5, 6), ARRAY.tobytes())}
    assert read_layouts(tmp_path, paths, whole=["sub/data/w.bin"])[paths[1]].reader == "whole"
    assert read_layouts(tmp_path, paths, whole=["sub/m.onnx"])[paths[1]].reader == "whole"
    assert set(read_layouts(tmp_path, paths[:1])) == {"sub/m.onnx"}


@pytest.mark.parametrize("location", ["../../etc/passwd", "/etc/passwd", "..", "a/../../b", ""])
def test_external_data_outside_the_folder(tmp_path, location):
    """No file is opened by a name that leads out, whether it is there or not."""
    onnx.save(model(external(location)), tmp_path / "m.onnx")
    with pytest.raises(DamagedFileError, match="outside its folder"):
        read_layouts(tmp_path, ["m.onnx"])


def test_external_data_that_are_cut_off(tmp_path):
    """The tensor does not fit into the file."""
    onnx.save(model(external("w.bin")), tmp_path / "m.onnx")
    (tmp_path / "w.bin").write_bytes(ARRAY.tobytes()[:-1])
    with pytest.raises(DamagedFileError, match="outside the file"):
        read_layouts(tmp_path, ["m.onnx", "w.bin"])


def test_a_model_is_not_the_data_of_another(tmp_path):
    """A file that has a reader of its own keeps it."""
    save_file({"w": ARRAY}, tmp_path / "w.safetensors")
    onnx.save(model(external("w.safetensors")), tmp_path / "m.onnx")
    assert read_layouts(tmp_path, ["m.onnx", "w.safetensors"])["w.safetensors"].reader == (
        "safetensors"
    )


def test_a_file_that_is_not_there(tmp_path):
    """It may have vanished since it was listed."""
    with pytest.raises(InputError, match="has vanished"):
        read_layouts(tmp_path, ["gone.pt"])
