"""Following a module leaves no trace: no noise, no changed mode, no drawn random numbers."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator

import torch
from torch import nn
from torch.fx.experimental import _config as shapes

from modelhub.wrappers.torch.recurrent import shapes_alone


@contextlib.contextmanager
def calm() -> Iterator[None]:
    """Torch says nothing and draws nothing; sizes that are equal by chance stay apart.

    Where it gives up, `torch.export` prints the whole graph on stderr; no setting stops it.
    """
    threshold = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    fast_path = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one operator, for inference only
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stderr(io.StringIO()),
            torch.random.fork_rng(devices=[]),
            torch.enable_grad(),
            shapes.patch(use_duck_shape=False),  # type: ignore[attr-defined]
            shapes_alone(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_path)
        logging.disable(threshold)


@contextlib.contextmanager
def in_mode(module: nn.Module, *, training: bool) -> Iterator[None]:
    """The module trains or evaluates; each part of it goes back to its own mode."""
    before = [(each, each.training) for each in module.modules()]
    module.train(training)
    try:
        yield
    finally:
        for each, mode in before:
            each.training = mode
