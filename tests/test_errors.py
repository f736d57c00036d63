"""The tree of errors."""

from collections.abc import Iterator

from modelhub.errors import ModelHubError, NotFoundError, StorageError


def tree(kind: type[ModelHubError]) -> Iterator[type[ModelHubError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from tree(each)


def test_codes_are_unique_and_statuses_known() -> None:
    """A program can tell errors apart by their codes."""
    kinds = list(tree(ModelHubError))
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert {kind.exit_status for kind in kinds} == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}


def test_the_docstring_draws_the_tree() -> None:
    """Every class stands in the docstring of the base, with its code."""
    drawn = ModelHubError.__doc__ or ""
    for kind in tree(ModelHubError):
        assert kind.__name__ in drawn
        assert kind.code in drawn


def test_builtins_are_second_bases() -> None:
    """A Python programmer catches what she expects."""
    assert issubclass(NotFoundError, LookupError)
    assert not issubclass(StorageError, NotFoundError)
