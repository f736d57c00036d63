"""Networks of which some weights are known within a radius, and weights inside it."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.enclosures.enclosure import UNIT, Mode, Propagation
from modelhub.wrappers.torch.enclosures.walk import Walk
from modelhub.wrappers.torch.lower import lower


def interval(weights: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Centre and radius of float32 of which `bits` bits of the mantissa are known."""
    drop = 23 - bits
    known = (weights.contiguous().view(torch.int32) >> drop) << drop
    exponent = ((known >> 23) & 255).clamp(min=1)
    radius = torch.ldexp(torch.ones_like(weights), exponent - 127 - bits - 1)
    return (known | (1 << (drop - 1))).view(torch.float32), radius


@dataclass
class Known:
    """A module, and what is known of it."""

    module: nn.Module
    network: object
    state: dict[str, Tensor]
    centres: dict[str, Tensor]
    radii: dict[str, Tensor]

    @property
    def walk(self) -> Walk:
        """Its values in enclosures."""
        return Walk(
            build(self.network, {**self.state, **self.centres}), lower(self.network), self.radii
        )

    def drawn(self, how: str, seed: int) -> nn.Module:
        """The module with weights inside the radii."""
        generator = torch.Generator().manual_seed(seed)
        state = dict(self.state)
        for name, centre in self.centres.items():
            state[name] = centre + self._share(how, centre, generator) * self.radii[name] * 0.9999
            if how == "true":
                state[name] = self.state[name]
        return build(self.network, state)

    @staticmethod
    def _share(how: str, centre: Tensor, generator: torch.Generator) -> Tensor:
        if how == "uniform":
            return torch.rand(centre.shape, generator=generator) * 2 - 1
        if how == "corner":
            return (torch.rand(centre.shape, generator=generator) < 0.5).float() * 2 - 1
        return torch.full_like(centre, -1.0 if how == "lower" else 1.0)


@pytest.fixture(name="known", scope="session")
def known_fixture():
    """A module with example inputs, and the states that are known to some bits, becomes `Known`."""

    def make(module: nn.Module, example: Tensor, names: list[str] | None, bits: int) -> Known:
        network = capture(module, (example,)).network
        state = {name: value.clone() for name, value in module.eval().state_dict().items()}
        if names is None:
            names = [name for name, value in state.items() if value.dim() > 1]
        pairs = {name: interval(state[name], bits) for name in names}
        return Known(
            module=module,
            network=network,
            state=state,
            centres={name: centre for name, (centre, _) in pairs.items()},
            radii={name: radius for name, (_, radius) in pairs.items()},
        )

    return make


@pytest.fixture(name="ways", scope="session")
def ways_fixture():
    """How enclosures are computed: each mode, for float32 and for real numbers."""
    return [
        Propagation(mode=mode, dtype=dtype, reference=reference)
        for mode in Mode
        for dtype, reference in ((torch.float32, UNIT[torch.float32]), (torch.float64, 0.0))
    ]
