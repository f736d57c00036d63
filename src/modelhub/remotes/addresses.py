"""Where remotes are: addresses, and the names that a repository has for them."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from modelhub import durable
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.revisions import candidates, check_tag
from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError
from modelhub.remotes.folder import FolderRemote
from modelhub.remotes.remote import Remote

FORMAT = 1
MAX_URL = 2048


def open_remote(address: str, *, create: bool = False) -> Remote:
    """The remote at an address.

    Args:
        address: `file:///…`, or the path of a folder that holds a `/`.
        create: make a folder that is not there, or is empty, into a remote.

    Raises:
        InputError: it is no address, or of a kind that is not known.
        NotFoundError: there is no remote.
    """
    folder = _folder(address)
    return FolderRemote.create(folder) if create else FolderRemote.open(folder)


def check_address(address: str) -> str:
    """An address in its one form, if it can be one; nothing is looked at.

    Raises:
        InputError: says what can.
    """
    return _folder(address).as_uri()


def _folder(address: str) -> Path:
    if len(address) > MAX_URL or not address.isprintable():
        raise InputError("an address is printable and has at most 2048 characters")
    parts = urlsplit(address)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path:
        path = unquote(parts.path)
        if "\0" not in path and not parts.query and not parts.fragment:
            return Path(path)
    if not parts.scheme and "/" in address:
        return Path(address).absolute()
    raise InputError(
        f"{address!r:.200} is no address of a remote; write file:///path/of/a/folder, or name "
        "a remote of this repository: dlv remote list"
    )


def remotes_of(repository: Metadata) -> Mapping[str, str]:
    """The remotes that a repository has names for: addresses by name.

    Raises:
        IntegrityError: the file of them is damaged.
    """
    path = repository.layout.remotes
    try:
        found = json.loads(path.read_bytes())
        remotes = {check_tag(name): check_address(url) for name, url in found["remotes"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{path} is damaged ({error}); delete it and name the remotes again with: "
            "dlv remote add"
        ) from error
    return dict(sorted(remotes.items()))


def address_of(repository: Metadata, remote: str) -> str:
    """The address of a remote that is given by its name, or by its address.

    Raises:
        NotFoundError: no remote is called so.
    """
    known = remotes_of(repository)
    if remote in known:
        return known[remote]
    if "/" in remote:
        return check_address(remote)
    raise NotFoundError(
        f"no remote is called {remote!r:.80}; {candidates(remote, list(known))}; name one with: "
        f"dlv remote add {remote} file:///path"
    )


def add_remote(repository: Metadata, name: str, address: str) -> str:
    """Give a remote a name; its address in its one form. The remote need not be there yet.

    Raises:
        ConflictError: another remote is called so.
        InputError: the name or the address cannot be one.
    """
    url = check_address(address)
    check_tag(name)
    with repository.writing("remote"):
        known = remotes_of(repository)
        if known.get(name, url) != url:
            raise ConflictError(
                f"{name} is {known[name]} already; free the name with: dlv remote remove {name}"
            )
        _write(repository, {**known, name: url})
    return url


def remove_remote(repository: Metadata, name: str) -> str:
    """Forget the name of a remote; its address. Nothing on the remote changes.

    Raises:
        NotFoundError: no remote is called so.
    """
    with repository.writing("remote"):
        known = dict(remotes_of(repository))
        if name not in known:
            raise NotFoundError(
                f"no remote is called {name!r:.80}; {candidates(name, list(known))}"
            )
        url = known.pop(name)
        _write(repository, known)
    return url


def _write(repository: Metadata, remotes: Mapping[str, str]) -> None:
    data = json.dumps({"format": FORMAT, "remotes": dict(remotes)}, indent=1).encode() + b"\n"
    durable.replace_file(repository.layout.remotes, data, scratch=repository.scratch())
