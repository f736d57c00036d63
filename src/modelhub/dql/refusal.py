"""Refusing a part of a query, in its place."""

from typing import NoReturn

from modelhub.dql.syntax import Placed
from modelhub.errors import QueryError


class Refusing:
    """Anything that works on a query, and knows its text."""

    def __init__(self, source: str) -> None:
        self.source = source

    def fail(self, problem: str, part: Placed, hint: str = "") -> NoReturn:
        """Refuse a part of the query.

        Raises:
            QueryError: always.
        """
        raise QueryError(problem, source=self.source, span=part.span, hint=hint)
