"""Which files are Keras', and how much of them is read."""

import zipfile

import pytest

from modelhub.errors import DamagedFileError
from modelhub.wrappers.keras import documents
from modelhub.wrappers.keras.documents import is_document, read_document


def write(path, raw, *, compression=zipfile.ZIP_STORED, name="config.json"):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(name, raw)
    return path


def test_a_file_of_keras(tmp_path) -> None:
    """A zip file with a configuration; JSON that names a model."""
    path = write(tmp_path / "m.keras", '{"class_name": "Sequential"}')
    text = tmp_path / "m.json"
    text.write_text('{"class_name": "Functional"}')

    assert is_document(path)
    assert is_document(text)
    assert read_document(path) == {"class_name": "Sequential"}
    text.write_text('{"a": 1}')
    assert not is_document(text)
    assert not is_document(tmp_path / "none.keras")


@pytest.mark.parametrize("raw", ["[" * 100_000, "{", "[]", "1" * 5000, b"\xff\xfe{}"])
def test_no_configuration(tmp_path, raw) -> None:
    """Deep, cut off, of another kind: one error."""
    with pytest.raises(DamagedFileError, match="configuration of the model"):
        read_document(write(tmp_path / "m.keras", raw))


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch) -> None:
    """No more is unpacked than a configuration may have."""
    monkeypatch.setattr(documents, "MAX_BYTES", 1000)
    path = write(tmp_path / "m.keras", " " * 1_000_000, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DamagedFileError, match="longer than"):
        read_document(path)
    path = write(tmp_path / "n.keras", "{}", compression=zipfile.ZIP_LZMA)
    with pytest.raises(DamagedFileError, match="unusual"):
        read_document(path)
    with pytest.raises(DamagedFileError, match="0 members"):
        read_document(write(tmp_path / "o.keras", "{}", name="other.json"))
