"""What networks of the zoo cost, counted without running them, is what torch counts running."""

import math

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from zoo import ZOO

from modelhub.network import batch_symbols, find_blocks, footprint_of
from modelhub.wrappers.torch.capture import capture


def grouped(a, b, *_, **__) -> int:
    """Each token meets one expert's matrix; torch has no formula of its own for it."""
    return 2 * math.prod(a) * b[-1]


def counted(module, args, kwargs) -> int:
    """What torch counts when the module runs without operators that it cannot see into.

    Those are attention fused for the CPU, recurrent layers of oneDNN, and what
    nn.MultiheadAttention is fused to where no gradient is wanted.
    """
    formulas = {torch.ops.aten._grouped_mm: grouped}
    counter = FlopCounterMode(display=False, custom_mapping=formulas)
    with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False), counter:
        module.eval()(*args, **kwargs)
    return int(counter.get_total_flops())


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
@pytest.mark.parametrize("name", ZOO)
def test_operations_and_parameters(name) -> None:
    """For the captured batch and for another one."""
    entry = ZOO[name]
    torch.manual_seed(0)
    module = entry.make()
    args, kwargs = entry.inputs(2, 8)
    network = capture(module, args, kwargs).network
    assert batch_symbols(network)
    for batch in (2, 3):
        args, kwargs = entry.inputs(batch, 8)
        found = footprint_of(network, {"batch": [batch]})

        assert found.flops == counted(module, args, kwargs)
        assert found.is_complete
    assert found.parameters == sum(p.numel() for p in module.parameters())
    assert find_blocks(network)
