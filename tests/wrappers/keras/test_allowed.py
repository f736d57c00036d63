"""What is allowed is there, and harmless."""

from modelhub.wrappers.keras.allowed import LAYERS, OBJECTS, OPERATIONS
from modelhub.wrappers.keras.backend import keras
from modelhub.wrappers.keras.build import _CALLED


def test_names_are_those_of_keras() -> None:
    """Each is a class of its module, or a function of `keras.ops`."""
    for module, names in OBJECTS.items():
        for name in names:
            assert isinstance(getattr(getattr(keras, module), _CALLED.get(name, name)), type), name
    assert all(callable(getattr(keras.ops, name)) for name in OPERATIONS)


def test_what_holds_code_or_reads_files_is_not_among_them() -> None:
    """Classes that Keras itself warns of, lookups, and functions that call or make."""
    classes = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "Pipeline"}
    classes |= {"StringLookup", "IntegerLookup", "TextVectorization", "Layer", "Wrapper"}
    assert not classes & LAYERS
    assert not {"map", "scan", "while_loop", "cond", "zeros", "arange", "eye"} & OPERATIONS
