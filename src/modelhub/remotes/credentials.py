"""Tokens of hubs, as this user logged in: one file that nobody else may read."""

import json
from collections.abc import Mapping
from pathlib import Path

from modelhub import durable
from modelhub.config import read_environment, user_folder
from modelhub.errors import InputError, IntegrityError

FORMAT = 1
_PRIVATE = 0o600


def token_of(hub: str) -> str | None:
    """The token to show to a hub: `DLV_TOKEN` of the environment, or the one of `login`.

    Raises:
        IntegrityError: the file of them is damaged.
    """
    return read_environment().token or _read().get(hub)


def keep_token(hub: str, token: str | None) -> bool:
    """Keep the token of a hub, or forget it (None); whether that changed anything.

    Raises:
        InputError: this user has no folder for settings.
    """
    known = dict(_read())
    if known.get(hub) == token:
        return False
    if token is None:
        del known[hub]
    else:
        known[hub] = token
    path = _path()
    if path is None:
        raise InputError("you have no home folder to keep a token in; set DLV_TOKEN instead")
    durable.make_folder(path.parent)
    data = json.dumps({"format": FORMAT, "tokens": known}, indent=1).encode() + b"\n"
    durable.replace_file(path, data, scratch=path.parent, mode=_PRIVATE)
    return True


def known_hubs() -> list[str]:
    """The hubs that this user logged in to."""
    return sorted(_read())


def _path() -> Path | None:
    folder = user_folder()
    return None if folder is None else folder / "credentials.json"


def _read() -> Mapping[str, str]:
    path = _path()
    if path is None:
        return {}
    try:
        with durable.reported("read", path):
            found = json.loads(path.read_bytes())
        return {str(hub): str(token) for hub, token in found["tokens"].items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{path} is damaged ({error}); delete it, and: dlv auth login"
        ) from None
