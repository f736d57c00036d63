"""What trains networks: the protocol, and who implements it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from modelhub.network import Network
from modelhub.plugins import Registry
from modelhub.wrappers.networks import Array, Model, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained; the words are those of dql.md §10.

    Attributes:
        steps: how many there are (max_iter).
        rate: the learning rate (base_lr).
        optimizer: sgd, adam or adamw.
        momentum: of sgd.
        betas: of adam and adamw.
        weight_decay: of all parameters.
        policy: how the rate changes (lr_policy).
        gamma: of the policies step and exp.
        step_size: of the policy step.
        power: of the policy poly.
        warmup: steps in which the rate rises to its value.
        clip: greatest norm of all gradients together; None: any.
        multiples: of the rate, by parameter; 0: it is not trained.
        loss: cross_entropy, mse, or auto by the labels.
        output: which output the loss is of.
        has_probabilities: whether that output gives probabilities, not logits.
        seed: of what is drawn in training, as dropout is.
        threads: that one step may use.
    """

    steps: int
    rate: float
    optimizer: str = "sgd"
    momentum: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    policy: str = "fixed"
    gamma: float = 0.1
    step_size: int = 1
    power: float = 1.0
    warmup: int = 0
    clip: float | None = None
    multiples: Mapping[str, float] = field(default_factory=dict)
    loss: str = "auto"
    output: int = 0
    has_probabilities: bool = False
    seed: int = 0
    threads: int = 1


class Training(Protocol):
    """A network that is being trained."""

    @property
    def model(self) -> Model:
        """The network as it is now, to be evaluated."""
        ...

    @property
    def module(self) -> Any:
        """The framework's own object, for functions that train by themselves."""
        ...

    def step(self, inputs: Mapping[str, Array], labels: Array) -> float:
        """Train on one batch; the loss before the step.

        Raises:
            InputError: the batch does not fit the network or the loss.
        """
        ...

    def state(self) -> Mapping[str, object]:
        """The weights as they are now, by name, those that a snapshot holds."""
        ...


class Trainer(Protocol):
    """Trains networks of one dialect."""

    def start(
        self, network: Network, weights: Mapping[str, Weight | Any], recipe: Recipe
    ) -> Training:
        """A network with weights, ready for its first step.

        The same network, weights, recipe and batches give the same weights, bit for bit, on one
        machine with as many threads.

        Raises:
            InputError: the network cannot be trained, or the weights do not fit.
        """
        ...


TRAINERS: Registry[Trainer] = Registry(
    "modelhub.trainers", {"torch": "modelhub.wrappers.torch.trainer:TRAINER"}
)
