"""What can still be read of a damaged pack."""

from modelhub.errors import ModelHubError
from modelhub.pas import checksum
from modelhub.pas.pack import read_footer
from modelhub.pas.store import ObjectStore
from modelhub.values import PackId


def sound_members(store: ObjectStore, pack: PackId) -> set[int]:
    """The offsets of a pack's members whose bytes are right; none if its footer is damaged.

    Cost:
        reads the pack once, a member at a time.
    """
    try:
        footer = read_footer(store, pack)
    except ModelHubError:
        return set()
    found = set()
    for member in footer.members:
        try:
            data = store.read(pack, member.offset, member.size)
        except ModelHubError:
            continue
        if checksum.checksum(data) == member.checksum:
            found.add(member.offset)
    return found
