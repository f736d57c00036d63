"""What every `modelhub.pas.ObjectStore` does."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.pas import ObjectStore
from modelhub.values import PackId

DATA = b"some bytes of an object"
ABSENT = PackId("0" * 64)
LARGE = 3_000_000  # bytes, more than is written at once


class ObjectStoreContract:
    """Inherit, define `make_store`, and run it with pytest."""

    def make_store(self) -> ObjectStore:
        """An empty store."""
        raise NotImplementedError

    @pytest.fixture
    def store(self) -> ObjectStore:
        """An empty store."""
        return self.make_store()

    def test_an_object_is_named_by_its_hash(self, store: ObjectStore) -> None:
        """The name is the SHA-256 of the concatenated parts."""
        name = store.put([DATA[:5], memoryview(DATA)[5:], b""])

        assert name == hashlib.sha256(DATA).hexdigest()
        assert store.size(name) == len(DATA)

    def test_ranges_come_back(self, store: ObjectStore) -> None:
        """Any range inside an object can be read."""
        name = store.put([DATA])

        assert store.read(name, 0, len(DATA)) == DATA
        assert store.read(name, 5, 5) == DATA[5:10]
        assert store.read(name, len(DATA), 0) == b""

    def test_large_and_small_parts_keep_their_order(self, store: ObjectStore) -> None:
        """However the bytes are cut into parts, they are stored in order."""
        parts = [b"a" * 10, b"b" * LARGE, b"c" * 10, b"d" * LARGE, b"", b"e"]
        name = store.put(parts)

        assert store.read(name, 0, store.size(name)) == b"".join(parts)

    def test_the_bytes_read_are_counted(self, store: ObjectStore) -> None:
        """`bytes_read` grows by what is returned."""
        name = store.put([DATA])
        store.read(name, 0, 7)
        store.read(name, 3, 4)

        assert store.bytes_read == 11  # noqa: PLR2004 - the sum of the two reads

    @pytest.mark.parametrize(("offset", "size"), [(0, 10**15), (10**15, 1), (-1, 1), (1, -1)])
    def test_a_range_that_is_not_there_is_refused(
        self, store: ObjectStore, offset: int, size: int
    ) -> None:
        """A range beyond the end is damage, and nothing is allocated for it."""
        name = store.put([DATA])

        with pytest.raises(IntegrityError):
            store.read(name, offset, size)

    def test_the_same_object_can_be_put_again(self, store: ObjectStore) -> None:
        """Storing what is there already changes nothing."""
        assert store.put([DATA]) == store.put([DATA])
        assert len(list(store.ids())) == 1

    def test_names_are_listed_in_order(self, store: ObjectStore) -> None:
        """`ids` gives each name once, ascending."""
        names = sorted(store.put([bytes([number])]) for number in range(20))

        assert list(store.ids()) == names

    def test_a_missing_object_is_not_found(self, store: ObjectStore) -> None:
        """Every question about an object that is not there says so."""
        for ask in (store.size, store.modified, lambda name: store.read(name, 0, 1)):
            with pytest.raises(NotFoundError):
                ask(ABSENT)

    def test_a_deleted_object_is_gone(self, store: ObjectStore) -> None:
        """After `delete` an object is missing; deleting it again is no error."""
        name = store.put([DATA])
        store.delete(name)
        store.delete(name)

        assert list(store.ids()) == []
        with pytest.raises(NotFoundError):
            store.read(name, 0, 1)

    def test_a_later_object_is_not_older(self, store: ObjectStore) -> None:
        """`modified` does not go backwards."""
        first, second = store.put([b"1"]), store.put([b"2"])

        assert store.modified(first) <= store.modified(second)

    @pytest.mark.parametrize(
        "name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "/" + "0" * 63]
    )
    def test_what_is_no_name_is_refused(self, store: ObjectStore, name: str) -> None:
        """Only 64 lower-case hex digits are a name; nothing else becomes a path."""
        for ask in (store.size, store.modified, store.delete, lambda n: store.read(n, 0, 1)):
            with pytest.raises(InputError):
                ask(PackId(name))

    def test_threads_may_use_it_together(self, store: ObjectStore) -> None:
        """Objects that threads put and read at once are whole."""

        def round_trip(number: int) -> bool:
            data = bytes([number % 7]) * (1000 + number % 7)
            name = store.put([data])
            return store.read(name, 0, len(data)) == data

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(round_trip, range(50)))
