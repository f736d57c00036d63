"""Makes networks of PyTorch's operators run, plainly or by levels of their weights."""

from collections.abc import Mapping
from pathlib import Path

from modelhub.network import Network
from modelhub.wrappers.networks import LevelledWeight, Weight
from modelhub.wrappers.torch.progressive import ProgressiveModel
from modelhub.wrappers.torch.run import TorchModel


class TorchRunner:
    """Makes networks of the dialect `aten` run."""

    needs_files = False

    def load(
        self, network: Network, weights: Mapping[str, Weight], files: Mapping[str, Path]
    ) -> TorchModel:
        """A model that can be evaluated.

        Raises:
            InputError: the network cannot be run, or the weights do not fit it.
        """
        del files
        return TorchModel(network, weights)

    def load_by_levels(
        self, network: Network, weights: Mapping[str, LevelledWeight], *, top: int
    ) -> ProgressiveModel:
        """A model that reads on while an input is undecided.

        Raises:
            InputError: nothing can be proved of the network, says why; or weights do not fit.
        """
        return ProgressiveModel(network, weights, top=top)


RUNNER = TorchRunner()
