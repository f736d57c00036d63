"""PyTorch: tensors in memory; modules captured as networks, rebuilt from them, and run."""

from modelhub.wrappers.torch.tensors import tensor_bytes

__all__ = ["tensor_bytes"]
