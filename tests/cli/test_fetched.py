"""Tests of `modelhub.cli.fetched`."""

from modelhub.cli.fetched import fetched_page
from modelhub.dlv.versions import VersionRef
from modelhub.remotes import Fetched, FetchedVersion
from modelhub.values import VersionId


def test_each_version_has_a_line() -> None:
    """What travelled, what it stands for, what it is called there; then the notes."""
    ref = VersionRef(id=VersionId("a" * 64), name="lenet", number=4)
    new = FetchedVersion(version=ref, number=2, created=True, raw_size=4096, received=1024)
    old = FetchedVersion(version=ref, number=4, created=False, raw_size=0, received=0)

    assert list(fetched_page(Fetched(remote="r", versions=[new, old], notes=["a note"]))) == [
        "  lenet@4: received 1.0 KiB for 4.0 KiB of files; it is number 2 there",
        "  lenet@4: is here already",
        "  a note",
    ]
    assert list(fetched_page(Fetched(remote="r", versions=[]))) == [
        "  nothing is published there yet"
    ]
