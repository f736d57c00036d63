"""What a module computes, operator by operator, without computing it: to compare its two modes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.func import functional_call
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as trees
from torch.utils._python_dispatch import TorchDispatchMode

from modelhub.wrappers.torch.calm import in_mode
from modelhub.wrappers.torch.modes import COUNTER

aten = torch.ops.aten
# What does in each mode as a network says anyway (modes.py), and the place of its flag.
_KNOWN: dict[Callable[..., Any], int] = {
    **dict.fromkeys((functional.dropout, functional.alpha_dropout), 2),
    **dict.fromkeys((functional.dropout1d, functional.dropout2d, functional.dropout3d), 2),
    functional.feature_alpha_dropout: 2,
    functional.batch_norm: 5,
}
_FLAG = "training"


def does_the_same(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a module computes the same while training and while evaluating, on these inputs.

    Shapes alone are computed, so a module that asks for values, or that fails, is said to differ.

    Cost:
        two runs without arithmetic: a small part of what following it once takes.
    """
    try:
        evaluated, trained = (_trace(module, args, kwargs, training=each) for each in (False, True))
    except Exception:  # noqa: BLE001 - what a user's forward raises
        return False
    return evaluated == trained


def _trace(
    module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any], *, training: bool
) -> list[tuple[str, ...]]:
    fake = FakeTensorMode(allow_non_fake_inputs=True)

    def pretended(value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        if value.is_meta:  # weights that are nowhere pretend to be where the inputs are
            return FakeTensor(fake, value.detach(), torch.device("cpu"))
        return fake.from_tensor(value)

    states = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    given = trees.tree_map(pretended, (states, tuple(args), dict(kwargs)))
    with in_mode(module, training=training), fake, _Recorder() as recorder:
        recorder.meet(given)
        recorder.leave_out(value for name, value in given[0].items() if name.endswith(COUNTER))
        with _Evaluating(recorder, training=training):
            recorder.note("returns", functional_call(module, *given))
        operators: list[tuple[str, ...]] = recorder.operators
        return operators


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down each operator; tensors by the order in which they were met.

    One that comes from elsewhere, an attribute of the module, is known by its identity.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._left_out: set[int] = set()
        self.operators: list[tuple[str, ...]] = []
        self._numbers: dict[int, int] = {}
        self._kept: list[torch.Tensor] = []  # so that no other gets the same identity

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        del types
        if func.namespace == "prim":  # questions
            return func(*args, **(kwargs or {}))
        if func._schema.is_mutable and id(args[0]) not in self._numbers:  # noqa: SLF001
            raise NotImplementedError("it writes into what is no state")
        if func is not aten.add_.Tensor or id(args[0]) not in self._left_out:
            self.note(str(func), (args, kwargs or {}))
        found = func(*args, **(kwargs or {}))
        self.meet(found)
        return found

    def note(self, name: str, values: Any) -> None:
        """Something that reads values."""
        leaves, form = trees.tree_flatten(values)
        self.operators.append((name, str(form), *map(self._word, leaves)))

    def leave_out(self, counters: Iterable[torch.Tensor]) -> None:
        """Counts of batches, to which only training adds."""
        self._left_out.update(map(id, counters))

    def meet(self, values: Any) -> None:
        """Number the tensors that were not met before."""
        for each in trees.tree_leaves(values):
            if isinstance(each, torch.Tensor) and id(each) not in self._numbers:
                self._numbers[id(each)] = len(self._kept)
                self._kept.append(each)

    def _word(self, value: Any) -> str:
        if not isinstance(value, torch.Tensor):
            return repr(value)
        number = self._numbers.get(id(value))
        if number is None:
            self._kept.append(value)
            return f"#{id(value)}"
        return f"%{number} {value.dtype} {tuple(value.shape)}"


class _Evaluating(TorchFunctionMode):
    """Functions that obey the mode are run as if it were evaluation, and written down."""

    def __init__(self, recorder: _Recorder, *, training: bool) -> None:
        super().__init__()
        self._recorder = recorder
        self._training = training

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        del types
        kwargs = dict(kwargs or {})
        place = _KNOWN.get(func)
        given = args[place] if place is not None and place < len(args) else kwargs.get(_FLAG)
        if place is None or given is not self._training:
            return func(*args, **kwargs)
        if place < len(args):
            args = (*args[:place], False, *args[place + 1 :])
        else:
            kwargs[_FLAG] = False
        self._recorder.note(func.__name__, (args, kwargs))
        return func(*args, **kwargs)
