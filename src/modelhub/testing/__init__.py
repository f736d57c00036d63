"""Contract classes for those who write implementations of our protocols.

A test class that inherits from one, and makes what it is about, is all that is needed.
"""

from modelhub.testing.encodings import EncodingContract
from modelhub.testing.optimizers import OptimizerContract
from modelhub.testing.stores import ObjectStoreContract
from modelhub.testing.templates import TemplateContract
from modelhub.testing.wrappers import WrapperContract

__all__ = [
    "EncodingContract",
    "ObjectStoreContract",
    "OptimizerContract",
    "TemplateContract",
    "WrapperContract",
]
