"""Like with like."""

from modelhub.dlv.versions import VersionRef
from modelhub.dql.comparing import comparable, equal, kind_of
from modelhub.values import VersionId


def test_numbers_compare_with_numbers_and_texts_with_texts() -> None:
    """A truth value is no number; versions and lists are equal or not, and have no order."""
    assert comparable(1, 2.0, "<")
    assert comparable("a", "b", "<")
    assert not comparable(1, "1", "=")
    assert not comparable(1, bool(1), "=")
    assert comparable([1], [2], "=")
    assert not comparable([1], [2], "<")


def test_equal_means_of_one_kind_too() -> None:
    """1 and true are not equal."""
    assert equal(1, 1.0)
    assert not equal(1, bool(1))


def test_kinds_have_names() -> None:
    """For messages."""
    ref = VersionRef(id=VersionId("a"), name="m", number=1)
    assert [kind_of(each) for each in (1, 0.5, True, "", ref, [])] == [
        *("a number", "a number", "a truth value", "a text", "a version", "a list"),
    ]
