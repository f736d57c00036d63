"""Trains networks of PyTorch's operators."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils import _pytree as trees

from modelhub.errors import InputError
from modelhub.network import Network
from modelhub.wrappers.networks import Array, Weight
from modelhub.wrappers.torch.run import TorchModel, tensor_of
from modelhub.wrappers.training import Recipe

_LEAST = 1e-12  # of a probability, before its logarithm is taken


class TorchTrainer:
    """Makes trainings of networks of the dialect `aten`."""

    def start(
        self, network: Network, weights: Mapping[str, Weight | Any], recipe: Recipe
    ) -> "TorchTraining":
        """A training before its first step.

        Raises:
            InputError: the network cannot be run, or has nothing to train.
        """
        torch.set_num_threads(recipe.threads)
        torch.manual_seed(recipe.seed)
        return TorchTraining(TrainedModel(network, weights), recipe)


class TrainedModel(TorchModel):
    """A model that is evaluated while it is being trained; it comes back in training mode."""

    def __call__(self, batch: Mapping[str, Array]) -> list[Array]:
        """What it returns for a batch while it evaluates."""
        self.module.eval()
        try:
            return super().__call__(batch)
        finally:
            self.module.train()


class TorchTraining:
    """One network, its optimizer, and its rate."""

    def __init__(self, model: TrainedModel, recipe: Recipe) -> None:
        self.model = model
        self.module: nn.Module = model.module
        self._recipe = recipe
        self.module.train()
        groups = _groups(self.module, recipe)
        self._trained = [each for group in groups for each in group["params"]]
        self._optimizer = _OPTIMIZERS[recipe.optimizer](groups, recipe)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: rate_at(recipe, step)
        )

    def step(self, inputs: Mapping[str, Array], labels: Array) -> float:
        """One batch; the loss before the step.

        Raises:
            InputError: the batch does not fit.
        """
        given = self.model.given(inputs)
        self._optimizer.zero_grad(set_to_none=True)
        try:
            loss = self._loss(self._output(self.module(*given)), labels)
            loss.backward()  # type: ignore[no-untyped-call]
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise InputError(f"the network cannot be trained on these data: {error}") from error
        if self._recipe.clip is not None:
            nn.utils.clip_grad_norm_(self._trained, self._recipe.clip)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

    def state(self) -> Mapping[str, object]:
        """The module's state dict."""
        found: Mapping[str, object] = self.module.state_dict()
        return found

    def _output(self, found: Any) -> torch.Tensor:
        outputs = [each for each in trees.tree_leaves(found) if isinstance(each, torch.Tensor)]
        if self._recipe.output >= len(outputs):
            raise InputError(f"the network has {len(outputs)} outputs, counted from 0")
        return outputs[self._recipe.output]

    def _loss(self, output: torch.Tensor, labels: Array) -> torch.Tensor:
        is_class = labels.dtype.kind in "iub"
        if self._recipe.loss == "mse" or (self._recipe.loss == "auto" and not is_class):
            wanted = tensor_of(labels.astype(np.float32), "float32").to(output.dtype)
            return functional.mse_loss(output, wanted.reshape(output.shape))
        if not is_class:
            raise InputError(f"labels are {labels.dtype.name}, no classes; train by mse")
        wanted = tensor_of(labels.astype(np.int64), "int64")
        if self._recipe.has_probabilities:
            return functional.nll_loss(output.clamp_min(_LEAST).log(), wanted)
        return functional.cross_entropy(output, wanted)


def _groups(module: nn.Module, recipe: Recipe) -> list[dict[str, Any]]:
    """The parameters that are trained, by their rate; the others ask for no gradient."""
    by_rate: dict[float, list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        times = recipe.multiples.get(name, 1.0)
        if times == 0:
            parameter.requires_grad = False
        if parameter.requires_grad:
            by_rate.setdefault(times, []).append(parameter)
    if not by_rate:
        raise InputError("the network has no parameters that could be trained")
    return [
        {"params": found, "lr": recipe.rate * times} for times, found in sorted(by_rate.items())
    ]


def _sgd(groups: list[dict[str, Any]], recipe: Recipe) -> torch.optim.Optimizer:
    decay = recipe.weight_decay
    return torch.optim.SGD(groups, recipe.rate, momentum=recipe.momentum, weight_decay=decay)


def _adam(groups: list[dict[str, Any]], recipe: Recipe) -> torch.optim.Optimizer:
    decay = recipe.weight_decay
    return torch.optim.Adam(groups, recipe.rate, betas=recipe.betas, weight_decay=decay)


def _adamw(groups: list[dict[str, Any]], recipe: Recipe) -> torch.optim.Optimizer:
    decay = recipe.weight_decay
    return torch.optim.AdamW(groups, recipe.rate, betas=recipe.betas, weight_decay=decay)


_OPTIMIZERS: Mapping[str, Callable[[list[dict[str, Any]], Recipe], torch.optim.Optimizer]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adamw,
}


def rate_at(recipe: Recipe, step: int) -> float:
    """What the learning rate is multiplied by at a step, counted from 0.

    >>> [rate_at(Recipe(steps=4, rate=1, policy="step", step_size=2), i) for i in range(4)]
    [1.0, 1.0, 0.1, 0.1]
    """
    rising = min(1.0, (step + 1) / recipe.warmup) if recipe.warmup else 1.0
    done = min(1.0, step / recipe.steps)
    match recipe.policy:
        case "step":
            return rising * recipe.gamma ** (step // recipe.step_size)
        case "exp":
            return rising * recipe.gamma**step
        case "poly":
            return float(rising * (1 - done) ** recipe.power)
        case "cosine":
            return rising * (1 + math.cos(math.pi * done)) / 2
        case _:
            return rising


TRAINER = TorchTrainer()
