"""Contract classes for those who write implementations of our protocols.

A test class that inherits from one, and makes what it is about, is all that is needed.
"""

from modelhub.testing.data_formats import DataFormatContract
from modelhub.testing.encodings import EncodingContract
from modelhub.testing.metrics import MetricContract
from modelhub.testing.networks import NetworkReaderContract, Runnable, RunnerContract
from modelhub.testing.optimizers import OptimizerContract
from modelhub.testing.remotes import RemoteContract
from modelhub.testing.stores import ObjectStoreContract
from modelhub.testing.templates import TemplateContract
from modelhub.testing.wrappers import WrapperContract

__all__ = [
    "DataFormatContract",
    "EncodingContract",
    "MetricContract",
    "NetworkReaderContract",
    "ObjectStoreContract",
    "OptimizerContract",
    "RemoteContract",
    "Runnable",
    "RunnerContract",
    "TemplateContract",
    "WrapperContract",
]
