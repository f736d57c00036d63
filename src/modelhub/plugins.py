"""Extension points: one registry class, and the only place that meets a missing framework."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from modelhub.errors import MissingExtraError, NotFoundError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named implementations of one Protocol, loaded when first asked for.

    Ours are listed as `"name": "module:attribute"`; a stranger's come from the entry-point
    group of the same name. Ours win, so that a name in an archive never changes its meaning.

    Attributes:
        group: the entry-point group.
        ours: our implementations; one that needs a package of an extra is called like the extra.
    """

    def __init__(self, group: str, builtin: dict[str, str]) -> None:
        self.group = group
        self._targets = dict(builtin)
        self.ours: Mapping[str, str] = MappingProxyType(dict(builtin))
        self._strangers_listed = False

    def __iter__(self) -> Iterator[str]:
        self._list_strangers()
        return iter(sorted(self._targets))

    def get(self, name: str) -> T:
        """Load the implementation called `name`.

        Raises:
            NotFoundError: nothing of that name is registered.
            MissingExtraError: it needs a package that is not installed.
        """
        if name not in self._targets:
            self._list_strangers()
        if name not in self._targets:
            known = ", ".join(self)
            raise NotFoundError(f"no {self.group} called {name!r}; there are: {known}")
        module, _, attribute = self._targets[name].partition(":")
        extra = name if name in self.ours else None
        with needs_extra(extra, who=f"{self.group} {name!r}"):
            return cast("T", getattr(import_module(module), attribute))

    def _list_strangers(self) -> None:
        if not self._strangers_listed:
            # Loading it takes longer than most commands, which need only what is ours.
            metadata = import_module("importlib.metadata")
            for point in metadata.entry_points(group=self.group):
                self._targets.setdefault(point.name, point.value)
            self._strangers_listed = True


@contextmanager
def needs_extra(extra: str | None, *, who: str = "this") -> Iterator[None]:
    """Import what needs packages that need not be there.

    Args:
        extra: ours that installs them; None if the missing package is to be named.
        who: needs them, for people.

    Raises:
        MissingExtraError: one is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == __package__:
            raise  # ours is broken, not absent
        package = f"'modelhub-dlv[{extra}]'" if extra else missing.name
        raise MissingExtraError(
            f"{who} needs {missing.name}; install it with: pip install {package}"
        ) from missing
