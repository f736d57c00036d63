"""The kinds of remotes, by the scheme of their addresses."""

from typing import Protocol

from modelhub.plugins import Registry
from modelhub.remotes.remote import Remote


class OpenRemote(Protocol):
    """Opens remotes of one kind."""

    def __call__(self, address: str, *, create: bool) -> Remote:
        """The remote at an address.

        Args:
            address: a URL in its one form.
            create: make one of an empty place.

        Raises:
            NotFoundError: there is none.
        """
        ...


REMOTES: Registry[OpenRemote] = Registry(
    "modelhub.remotes",
    {
        "file": "modelhub.remotes.folder:open_folder",
        "http": "modelhub.remotes.hub:open_hub",
        "https": "modelhub.remotes.hub:open_hub",
        "s3": "modelhub.remotes.bucket:open_bucket",
    },
)
