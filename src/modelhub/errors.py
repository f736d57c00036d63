"""Every error that is raised on purpose: one tree, stable codes, exit statuses."""

from decimal import ROUND_CEILING, Context

_UPWARDS = Context(prec=6, rounding=ROUND_CEILING)  # what is named as enough must be enough
_SHOWN = 100  # characters of a query's line


class ModelHubError(Exception):
    """Base of every error raised on purpose.

    ModelHubError                           code                exit
    ├── InputError (ValueError)             input                  1
    │   └── DamagedFileError                damaged-file           1
    ├── UsageError (ValueError)             usage                  2
    ├── NotFoundError (LookupError)         not-found              3
    │   ├── NotARepositoryError             not-a-repository       3
    │   └── AmbiguousError                  ambiguous              3
    ├── ConflictError                       conflict               4
    │   └── LockedError                     locked                 4
    ├── IntegrityError                      integrity              5
    │   └── NewerFormatError                newer-format           5
    ├── BudgetError (ValueError)            budget                 6
    ├── QueryError (ValueError)             query                  7
    ├── MissingExtraError                   missing-extra          8
    ├── StorageError                        storage                9
    └── AccessError                         access                 10

    The message is one line: what, where, the way out; that of a `QueryError` shows the place, too.
    Codes and exit statuses are never renamed.
    """

    code = "error"
    exit_status = 1


class InputError(ModelHubError, ValueError):
    """A value, name or file that was handed in cannot be used as it is."""

    code = "input"


class DamagedFileError(InputError):
    """A file says that it is of a format, and breaks that format's rules."""

    code = "damaged-file"


class UsageError(ModelHubError, ValueError):
    """A command was called in a way that has no meaning."""

    code = "usage"
    exit_status = 2


class NotFoundError(ModelHubError, LookupError):
    """Something that was named does not exist."""

    code = "not-found"
    exit_status = 3


class NotARepositoryError(NotFoundError):
    """No `.dlv` folder here or above."""

    code = "not-a-repository"


class AmbiguousError(NotFoundError):
    """A name fits more than one thing."""

    code = "ambiguous"


class ConflictError(ModelHubError):
    """The operation would overwrite, or was overtaken by, something else."""

    code = "conflict"
    exit_status = 4


class LockedError(ConflictError):
    """Another process holds what this one needs."""

    code = "locked"


class IntegrityError(ModelHubError):
    """Stored bytes are not what they must be."""

    code = "integrity"
    exit_status = 5


class NewerFormatError(IntegrityError):
    """The repository was written by a later version of this software."""

    code = "newer-format"


class BudgetError(ModelHubError, ValueError):
    """No storage plan reads a snapshot back within its budget.

    Args:
        snapshot: whose budget it is.
        budget: seconds that were allowed.
        least: seconds that the fastest plan takes.
    """

    code = "budget"
    exit_status = 6

    def __init__(self, snapshot: str, *, budget: float, least: float) -> None:
        self.snapshot, self.budget, self.least = snapshot, budget, least
        enough = _UPWARDS.create_decimal_from_float(least)
        super().__init__(
            f"snapshot {snapshot!r} cannot be read back within {budget:.6g} s: "
            f"the fastest plan takes {enough:g} s; raise the budget to at least that"
        )


class QueryError(ModelHubError, ValueError):
    """A query cannot be read, or asks for what there is not, or for too much.

    Attributes:
        problem: what is wrong, in one line.
        source: the whole query.
        span: the place, a half-open range of characters; the end if it lies behind the query.
        line, column: where the place begins, both from 1.
        hint: the way out, or nothing.

    >>> print(QueryError("unknown word", source="select m say", span=(9, 12), hint="from what?"))
    1:10: unknown word
      1 | select m say
        |          ^^^
    from what?
    """

    code = "query"
    exit_status = 7

    def __init__(self, problem: str, *, source: str, span: tuple[int, int], hint: str = "") -> None:
        self.problem, self.source, self.span, self.hint = problem, source, span, hint
        start = source.rfind("\n", 0, span[0]) + 1
        self.line = source.count("\n", 0, span[0]) + 1
        self.column = span[0] - start + 1
        text = source[start:].partition("\n")[0]
        first = max(0, span[0] - start - _SHOWN // 2)  # a long line is shown around the place
        text = text[first : first + _SHOWN].replace("\t", " ")
        blank = " " * (self.column - 1 - first)
        caret = "^" * max(1, min(span[1] - span[0], len(text) - len(blank)))
        number = str(self.line)
        lines = [
            f"{number}:{self.column}: {problem}",
            f"  {number} | {text}",
            f"  {' ' * len(number)} | {blank}{caret}",
            *([hint] if hint else []),
        ]
        super().__init__("\n".join(lines))


class MissingExtraError(ModelHubError):
    """A package that an extra installs is missing."""

    code = "missing-extra"
    exit_status = 8


class StorageError(ModelHubError):
    """A read or a write was refused: disk full, no permission, a remote that does not answer."""

    code = "storage"
    exit_status = 9


class AccessError(ModelHubError):
    """A hub does not know who asks, or they may not do this."""

    code = "access"
    exit_status = 10
