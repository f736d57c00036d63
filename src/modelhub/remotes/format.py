"""The first line of a remote, which says what it is (docs/spec/sync.md §7)."""

from modelhub.errors import IntegrityError, NewerFormatError

FORMAT = 1
FORMAT_LINE = f"dlv remote {FORMAT}\n"


def check_format(line: str, where: str) -> None:
    """Whether what a remote says of itself is what this software reads.

    Args:
        line: the start of its `format`.
        where: it stands, for people.

    Raises:
        NewerFormatError: a later version of this software made the remote.
        IntegrityError: it is no remote.
    """
    if line == FORMAT_LINE:
        return
    if line.startswith("dlv remote "):
        raise NewerFormatError(
            f"{where} has remote format {line.rsplit(maxsplit=1)[-1]!r:.20}, this dlv reads "
            f"{FORMAT}; upgrade with: pip install --upgrade modelhub-dlv"
        )
    raise IntegrityError(f"{where} must say {FORMAT_LINE!r}; is this really a remote?")
