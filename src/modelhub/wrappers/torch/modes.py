"""Operators that do one thing while training and another while evaluating.

A network stores what they do while training: the probability of a dropout, and a flag that is
false where the mode decides and true where it does not (docs/spec/network.md §8).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

COUNTER = "num_batches_tracked"  # of a batch normalization


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How an operator depends on the mode.

    Attributes:
        argument: the name of the argument that differs.
        is_flag: whether it says that it is training; else it is a probability, 0 if it is not.
    """

    argument: str
    is_flag: bool = True


_FLAGS: Mapping[str, tuple[str, ...]] = {
    "train": (
        *("dropout", "dropout_", "alpha_dropout", "alpha_dropout_", "feature_dropout"),
        *("feature_dropout_", "feature_alpha_dropout", "feature_alpha_dropout_"),
        *("native_dropout", "lstm", "gru", "rnn_tanh", "rnn_relu"),
    ),
    "training": ("batch_norm", "rrelu", "rrelu_"),
    "use_input_stats": ("instance_norm",),
}
MODES: Mapping[str, Mode] = {
    base: Mode(argument=flag) for flag, bases in _FLAGS.items() for base in bases
} | {"scaled_dot_product_attention": Mode(argument="dropout_p", is_flag=False)}


def while_training(training: bool, probability: float) -> float:  # noqa: FBT001 - as torch's own
    """The probability while training, else 0."""
    return probability if training else 0.0


def count_batch(training: bool, counter: torch.Tensor) -> None:  # noqa: FBT001 - as torch's own
    """Count a batch, as a batch normalization does while training."""
    if training:
        counter.add_(1)
