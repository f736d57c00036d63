"""Functions of the user's, by name: `package.module:function`."""

import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from modelhub.errors import InputError, NotFoundError

_NAMED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_named(text: str) -> bool:
    """Whether a text is of the form `package.module:function`.

    >>> is_named("data.digits:test"), is_named("digits.npz")
    (True, False)
    """
    return _NAMED.fullmatch(text) is not None and not Path(text).exists()


def load_named(text: str) -> Callable[..., Any]:
    """Import a function; modules of the current folder are found, too.

    This executes the module, which is why only a name that the user typed may come here.

    Raises:
        NotFoundError: there is no such module, or nothing of that name in it.
        InputError: the module raises, or what it has there cannot be called.
    """
    module, _, attribute = text.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module)
        for name in attribute.split("."):
            found = getattr(found, name)
    except AttributeError:
        raise NotFoundError(f"module {module!r} has no {attribute!r}") from None
    except Exception as error:
        if getattr(error, "name", None) and module.startswith(str(getattr(error, "name", ""))):
            raise NotFoundError(f"there is no module {module!r}, nor a file for it here") from None
        raise InputError(f"importing {module!r} raised {told(error)}") from error
    if not callable(found):
        raise InputError(f"{text} is a {type(found).__qualname__}, which cannot be called")
    return found  # type: ignore[no-any-return]


def told(error: Exception) -> str:
    """An exception of the user's code as part of a line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
