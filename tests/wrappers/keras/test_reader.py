"""Files that Keras wrote once are read for ever, without Keras."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelhub.errors import DamagedFileError
from modelhub.network import network_id
from modelhub.wrappers.keras.reader import reader

DATA = Path(__file__).parents[2] / "data" / "keras"


def test_a_saved_model_is_what_its_text_says() -> None:
    """`.keras` and `to_json()` of one model give one network."""
    saved, told = DATA / "nested.keras", DATA / "nested.json"

    assert reader.claims(saved)
    assert reader.claims(told)
    assert network_id(reader.read(saved).network) == network_id(reader.read(told).network)


def test_parameters_of_lenet() -> None:
    """As in the paper."""
    assert reader.read(DATA / "lenet.json").network.parameter_count == 431_080


def test_keras_is_not_needed() -> None:
    """Reading imports neither Keras nor its backend."""
    code = (
        "import sys; from pathlib import Path; from modelhub.wrappers.keras.reader import reader; "
        f"reader.read(Path({str(DATA / 'text.json')!r})); "
        "print([m for m in ('keras', 'torch', 'h5py') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_contradicts_itself_is_refused(tmp_path) -> None:
    """In one line, with the file's name."""
    path = tmp_path / "m.json"
    path.write_text('{"class_name": "Sequential", "config": {"layers": [1]}}')
    with pytest.raises(DamagedFileError, match=r"m.json is no model of Keras: '1' is no layer"):
        reader.read(path)
