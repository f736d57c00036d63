"""Where remotes are: addresses, and the names that a repository has for them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from modelhub import durable
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.revisions import candidates, check_tag
from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError
from modelhub.remotes.kinds import REMOTES
from modelhub.remotes.remote import Remote

FORMAT = 1
MAX_URL = 2048
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?|[0-9a-f:.]{2,45}")
_PART = re.compile(r"[a-z0-9][a-z0-9-]{0,37}[a-z0-9]")  # of an account (docs/spec/sync.md §9)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def open_remote(address: str, *, create: bool = False) -> Remote:
    """The remote at an address.

    Args:
        address: as for `check_address`.
        create: make an empty place into a remote.

    Raises:
        InputError: it is no address, or of a kind that is not known.
        NotFoundError: there is no remote.
        MissingExtraError: a package that its kind needs is not installed.
    """
    url = check_address(address)
    return REMOTES.get(urlsplit(url).scheme)(url, create=create)


def check_address(address: str) -> str:
    """An address in its one form, if it can be one; nothing is looked at.

    Args:
        address: `file:///…`, the path of a folder that holds a `/`, `s3://bucket/prefix`,
            `https://host/namespace`, or a URL of a kind that another package brings.

    Raises:
        InputError: says what can.
    """
    if len(address) > MAX_URL or not address.isprintable():
        raise InputError("an address is printable and has at most 2048 characters")
    parts = urlsplit(address)
    if not parts.query and not parts.fragment and "\0" not in unquote(parts.path):
        if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path:
            return Path(unquote(parts.path)).as_uri()
        if parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc):
            return _bucket_url(parts.netloc, parts.path)
        if parts.scheme in {"http", "https"}:
            return _namespace_url(address)
        if not parts.scheme and "/" in address:
            return Path(address).absolute().as_uri()
        if parts.scheme not in REMOTES.ours and parts.scheme in REMOTES:
            return address
    raise InputError(
        f"{address!r:.200} is no address of a remote; write https://host/namespace, "
        "file:///path/of/a/folder or s3://bucket/prefix, or name a remote of this repository: "
        "dlv remote list"
    )


def hub_of(address: str) -> str:
    """The hub of an address: its scheme, host and port.

    Raises:
        InputError: it is no address of a hub.

    >>> hub_of("https://Hub.example/alice")
    'https://hub.example'
    """
    parts = urlsplit(address) if len(address) <= MAX_URL else SplitResult("", "", "", "", "")
    wrong = InputError(
        f"{address!r:.200} is no address of a hub; write https://host or http://host:port"
    )
    try:
        host, port = parts.hostname or "", "" if parts.port is None else f":{parts.port}"
    except ValueError:
        raise wrong from None
    if "@" in parts.netloc:
        raise InputError("an address has no user or password in it; log in with: dlv auth login")
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise wrong
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _namespace_url(address: str) -> str:
    hub = hub_of(address)
    namespace = urlsplit(address).path.strip("/")
    if not _PART.fullmatch(namespace):
        raise InputError(
            f"{address!r:.200} is no address of a namespace on a hub; write https://host/namespace"
        )
    return f"{hub}/{namespace}"


def _bucket_url(bucket: str, prefix: str) -> str:
    parts = [part for part in unquote(prefix).split("/") if part]
    if any(part in {".", ".."} for part in parts):
        raise InputError(f"the prefix {prefix!r:.200} of a bucket has no parts . and ..")
    return "/".join([f"s3://{bucket}", *map(quote, parts)])


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
