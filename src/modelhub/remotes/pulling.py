"""dlv pull and dlv clone: fetch, and what comes before and after it."""

from dataclasses import dataclass
from pathlib import Path

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.layout import FOLDER
from modelhub.dlv.operations.checkout import CheckedOut, checkout
from modelhub.errors import ConflictError
from modelhub.remotes.addresses import add_remote, check_address, open_remote, remotes_of
from modelhub.remotes.choice import chosen, everything
from modelhub.remotes.fetching import Fetched, fetch
from modelhub.remotes.remote import Remote
from modelhub.values import Progress

ORIGIN = "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """The outcome of a pull: what was fetched, and the files that were written."""

    fetched: Fetched
    files: CheckedOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloned:
    """The outcome of a clone: the new repository's folder, and what was fetched into it."""

    folder: Path
    fetched: Fetched


def pull(
    repository: BaseRepository,
    remote: Remote,
    revision: str,
    *,
    to: Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Pulled:
    """Fetch one version, and write its files.

    Args:
        repository: where to.
        remote: where from.
        revision: as the remote calls it; a name alone means the latest version.
        to: as of `checkout`.
        force: as of `checkout`.
        progress: as of `fetch`.

    Raises:
        ConflictError: files with other bytes are in the way; the version has been fetched.
    """
    wanted = chosen(remote, revision, all_versions=False)
    fetched = fetch(repository, remote, [wanted], progress=progress)
    version = fetched.versions[0].version
    files = checkout(repository, version.id, to=to, force=force, progress=progress)
    return Pulled(fetched=fetched, files=files)


def clone(address: str, folder: Path, *, progress: Progress | None = None) -> Cloned:
    """Start a repository with all that a remote has; the remote is called `origin` in it.

    A clone that was cut off goes on when it is run again.

    Raises:
        ConflictError: the folder is another repository.
        NotFoundError: there is no remote at the address.
    """
    remote = open_remote(address)
    with _started(folder, check_address(address)) as repository:
        fetched = fetch(repository, remote, everything(remote), progress=progress)
        return Cloned(folder=folder.absolute(), fetched=fetched)


def _started(folder: Path, url: str) -> BaseRepository:
    if not (folder / FOLDER / "format").exists():
        repository = BaseRepository.init(folder)
        add_remote(repository, ORIGIN, url)
        return repository
    repository = BaseRepository.open(folder)
    known = remotes_of(repository).get(ORIGIN)
    if known is None and not repository.catalog.ask("select key from version limit 1"):
        add_remote(repository, ORIGIN, url)  # a clone that was cut off early
    elif known != url:
        repository.close()
        raise ConflictError(
            f"{folder} is a repository already, and no clone of {url}; fetch into it with: "
            f"dlv fetch {url}"
        )
    return repository
