"""The contract of stores finds those that break it."""

import pytest

from modelhub.errors import InputError, IntegrityError, ModelHubError, NotFoundError
from modelhub.pas import MemoryStore
from modelhub.testing import ObjectStoreContract
from modelhub.testing.stores import ABSENT, DATA


class TestMemory(ObjectStoreContract):
    """A store that keeps the contract passes."""

    def make_store(self):
        return MemoryStore()


class Misnaming(MemoryStore):
    def put(self, parts):
        super().put(parts)
        return super().put([b"another"])


class Short(MemoryStore):
    def read(self, name, offset, size):
        return super().read(name, offset, size)[:-1]


class Credulous(MemoryStore):
    def read(self, name, offset, size):
        try:
            return super().read(name, offset, size)
        except IntegrityError:
            return b""


class Unsorted(MemoryStore):
    def ids(self):
        return reversed(list(super().ids()))


class Careless(MemoryStore):
    def size(self, name):
        try:
            return super().size(name)
        except (InputError, NotFoundError):
            return 0


class Keeping(MemoryStore):
    def delete(self, name):
        """Do nothing."""


@pytest.mark.parametrize(
    ("test", "broken", "more"),
    [
        ("test_an_object_is_named_by_its_hash", Misnaming, ()),
        ("test_ranges_come_back", Short, ()),
        ("test_large_and_small_parts_keep_their_order", Short, ()),
        ("test_a_range_that_is_not_there_is_refused", Credulous, (10**15, 1)),
        ("test_names_are_listed_in_order", Unsorted, ()),
        ("test_a_missing_object_is_not_found", Careless, ()),
        ("test_a_deleted_object_is_gone", Keeping, ()),
        ("test_what_is_no_name_is_refused", Careless, ("",)),
        ("test_threads_may_use_it_together", Short, ()),
    ],
)
def test_what_breaks_the_contract_fails(test, broken, more):
    """Each of its tests can fail."""
    with pytest.raises((AssertionError, ModelHubError, pytest.fail.Exception)):
        getattr(TestMemory(), test)(broken(), *more)


def test_the_absent_object_is_absent():
    """Its name is a valid one, and not that of the data."""
    store = MemoryStore()
    assert store.put([DATA]) != ABSENT
    with pytest.raises(NotFoundError):
        store.size(ABSENT)
