"""Tensors of `.keras` files, as Keras itself writes them."""

import json
import zipfile
from pathlib import Path
from random import Random

import h5py
import numpy as np
import pytest
from keras_zoo import ZOO, made, saved

from modelhub import Repository
from modelhub.cli.application import run
from modelhub.errors import DamagedFileError
from modelhub.network import fit_weights
from modelhub.wrappers.keras.backend import as_array, keras
from modelhub.wrappers.keras.reader import reader as networks
from modelhub.wrappers.keras.weights import WEIGHTS, hdf5_reader, reader
from modelhub.wrappers.keras.wrapper import MODULES

NESTED = Path(__file__).parents[2] / "data" / "keras" / "nested.keras"


@pytest.mark.parametrize("name", ZOO)
def test_tensors_are_the_variables(tmp_path, name) -> None:
    """Each is called as the state of the network that it is, and has its elements."""
    model, path = made(name), tmp_path / "model.keras"
    saved(model, path)
    layout = reader.read(path)
    raw, spans = path.read_bytes(), layout.spans

    assert {
        each.name: raw[spans[each.span].offset :][: spans[each.span].length]
        for each in layout.tensors
    } == {key: as_array(value).tobytes() for key, value in MODULES.state(model).items()}
    shapes = {each.name: each.shape for each in layout.tensors}
    assert fit_weights(networks.read(path).network, shapes).is_exact


def test_cells_and_half_precision(tmp_path) -> None:
    """Layers in lists have their names, and bfloat16 is no opaque thing."""
    layers = keras.layers
    cells = layers.RNN([layers.LSTMCell(3), layers.GRUCell(4)], name="rnn")
    model = keras.Sequential(
        [keras.Input((5, 2)), cells, layers.Dense(2, dtype="bfloat16", name="dense")]
    )
    saved(model, tmp_path / "m.keras")
    layout = reader.read(tmp_path / "m.keras")
    assert {each.name for each in layout.tensors} == set(MODULES.state(model))
    assert {each.dtype for each in layout.tensors} == {"float32", "bfloat16"}


def test_an_optimizer_is_kept_as_bytes(tmp_path) -> None:
    """Its state is no state of the network, and is said."""
    model, path = made("late"), tmp_path / "model.keras"
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    saved(model, path)
    layout = reader.read(path)
    assert {each.name for each in layout.tensors} == set(MODULES.state(model))
    assert "optimizers" in layout.note


def test_a_kernel_that_is_there_twice_is_read_once(tmp_path) -> None:
    """SpectralNormalization writes that of the layer inside, too."""
    layer = keras.layers.SpectralNormalization(keras.layers.Dense(3))
    model = keras.Sequential([keras.Input((6,)), layer])
    saved(model, tmp_path / "m.keras")
    layout = reader.read(tmp_path / "m.keras")
    assert {each.name for each in layout.tensors} == set(MODULES.state(model))
    with Repository.init(tmp_path) as repository:
        rebuilt = repository.commit("m", tmp_path / "m.keras").module()
    x = np.ones((2, 6), np.float32)
    assert np.array_equal(as_array(model(x)), as_array(rebuilt(x)))


def test_weights_alone_run_with_the_network_of_a_parent(tmp_path) -> None:
    """As Keras saves them after each epoch, and in the file of one piece that it wrote before."""
    model = made("lenet")
    saved(model, tmp_path / "model.keras")
    saved(model, tmp_path / "old.h5")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:  # what save_weights() writes
        (tmp_path / "epoch-1.weights.h5").write_bytes(archive.read(WEIGHTS))
    with Repository.init(tmp_path) as repository:
        wanted = repository.commit("m", tmp_path / "model.keras").module()
        for name in ("epoch-1.weights.h5", "old.h5"):
            found = repository.commit("m", tmp_path / name).module()
            for mine, theirs in zip(found.weights, wanted.weights, strict=True):
                assert np.array_equal(as_array(mine), as_array(theirs))


def test_other_versions_of_hdf5_stay_bytes(tmp_path) -> None:
    """And damaged files; that is said."""
    path = tmp_path / "m.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file["w"] = np.ones(9, np.float32)
    assert hdf5_reader.claims(path, path.read_bytes()[:64])
    layout = hdf5_reader.read(path)
    assert layout.tensors == ()
    assert layout.note == "kept as bytes: it is of a version of HDF5 that is not read"
    with h5py.File(path, "w") as file:
        file["a/w"] = np.ones(9, np.float32)
    assert [each.name for each in hdf5_reader.read(path).tensors] == ["a/w"]
    path.write_bytes(path.read_bytes()[:300])
    assert "bytes" in hdf5_reader.read(path).note


def test_a_compressed_member_stays_bytes(tmp_path) -> None:
    """Nothing is unpacked."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(NESTED) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    layout = reader.read(path)
    assert (layout.tensors, layout.spans) == ((), ())
    assert "bytes" in layout.note


def test_damaged_files_are_refused_or_harmless(tmp_path) -> None:
    """Whatever byte of the weights is another: spans lie apart and inside the file."""
    sound, random = NESTED.read_bytes(), Random(5)
    with zipfile.ZipFile(NESTED) as archive:
        begin = archive.getinfo(WEIGHTS).header_offset
    path, refused = tmp_path / "m.keras", 0
    for _ in range(300):
        raw = bytearray(sound)
        for _ in range(random.randrange(1, 12)):
            raw[random.randrange(begin, len(raw))] = random.choice((0, 1, 8, 0x7F, 0xFF))
        path.write_bytes(raw)
        try:
            layout = reader.read(path)
        except DamagedFileError:
            refused += 1
            continue
        end = 0
        for span in layout.spans:
            assert span.offset >= end
            end = span.offset + span.length
        assert end <= len(raw)
    assert refused > 10


def test_a_committed_file_comes_back_and_shares_tensors(tmp_path) -> None:
    """Byte for byte; a child with one changed layer adds that layer alone."""
    model = made("lenet")
    path = tmp_path / "model.keras"
    with Repository.init(tmp_path) as repository:
        saved(model, path)
        before = path.read_bytes()
        repository.commit("lenet", "model.keras")
        model.get_layer("ip2").bias.assign([1.0] * 10)
        saved(model, path)
        repository.commit("lenet", "model.keras")
        one, two = (
            {name: each.id for name, each in repository[f"lenet@{number}"].tensors.items()}
            for number in (1, 2)
        )
        assert list(one) == list(MODULES.state(model))
        assert [name for name in one if one[name] != two[name]] == ["ip2/bias"]
        assert repository["lenet@1"].network.dialect == "keras"
        repository["lenet@1"].checkout(tmp_path / "out")
        assert (tmp_path / "out" / "model.keras").read_bytes() == before


def test_eval_is_keras_itself(tmp_path, monkeypatch, capfd) -> None:
    """From the committed file alone, predictions are those of the model, bit for bit."""
    model = made("lenet")
    rng = np.random.default_rng(0)
    x, y = rng.random((7, 28, 28, 1)).astype(np.float32), rng.integers(0, 10, 7)
    saved(model, tmp_path / "model.keras")
    np.savez(tmp_path / "data.npz", x=x, y=y)
    with Repository.init(tmp_path) as repository:
        repository.commit("lenet", "model.keras")

    monkeypatch.chdir(tmp_path)
    arguments = ["eval", "lenet", "--data", "data.npz", "--json", "--save-predictions", "o.npz"]
    assert run(arguments) == 0
    with np.load(tmp_path / "o.npz") as found:
        outputs = [found[key] for key in found.files if found[key].shape == (7, 10)]
    wanted = as_array(model(x, training=False))
    assert [each.tobytes() for each in outputs] == [wanted.tobytes()]
    assert json.loads(capfd.readouterr().out)["rows"][0]["metrics"]["accuracy"] == np.mean(
        wanted.argmax(1) == y
    )
