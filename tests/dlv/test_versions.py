"""Values of versions."""

from modelhub.dlv.versions import SnapshotTensor, VersionRef
from modelhub.values import TensorInfo, View


def test_names_and_shapes() -> None:
    """A version is called name@number; a view has its own shape."""
    assert str(VersionRef(id="0" * 64, name="net", number=3)) == "net@3"
    info = TensorInfo(id="0" * 64, dtype="float32", shape=(6,))
    view = View(shape=(2, 3), strides=(3, 1), offset=0)
    assert SnapshotTensor(name="w", info=info).shape == (6,)
    assert SnapshotTensor(name="w", info=info, view=view).shape == (2, 3)
