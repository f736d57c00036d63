"""What `fetch`, `pull` and `clone` say of the versions that they brought."""

from collections.abc import Iterator

from modelhub.pages import human_size
from modelhub.remotes import Fetched, FetchedVersion


def fetched_page(done: Fetched) -> Iterator[str]:
    """A line for each version, and for each note."""
    for each in done.versions:
        yield f"  {each.version}: {_said(each)}"
    if not done.versions:
        yield "  nothing is published there yet"
    yield from (f"  {note}" for note in done.notes)


def _said(each: FetchedVersion) -> str:
    other = "" if each.number == each.version.number else f"; it is number {each.number} there"
    if not each.created:
        return f"is here already{other}"
    return f"received {human_size(each.received)} for {human_size(each.raw_size)} of files{other}"
