"""The option `--input-size NAME=SIZE[,SIZE…]`."""

from collections.abc import Mapping, Sequence

import click

from modelhub.errors import UsageError


def read_sizes(
    context: click.Context, parameter: click.Parameter, given: Sequence[str]
) -> Mapping[str, Sequence[int]]:
    """Sizes by the names that they were given with.

    Raises:
        UsageError: one is not of that form.
    """
    del context, parameter
    found: dict[str, Sequence[int]] = {}
    for each in given:
        name, is_there, text = each.partition("=")
        parts = text.split(",")
        if not (name and is_there) or not all(p.isascii() and p.isdigit() for p in parts):
            raise UsageError(
                f"--input-size {each!r} is not NAME=SIZE; say batch=8, or image=8,1,28,28"
            )
        found[name] = [int(part) for part in parts]
    return found
