"""Every error that is raised on purpose: one tree, stable codes, exit statuses."""

from decimal import ROUND_CEILING, Context

_UPWARDS = Context(prec=6, rounding=ROUND_CEILING)  # what is named as enough must be enough


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
    ├── MissingExtraError                   missing-extra          8
    └── StorageError                        storage                9

    The message is one line: what, where, the way out.
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


class MissingExtraError(ModelHubError):
    """A package that an extra installs is missing."""

    code = "missing-extra"
    exit_status = 8


class StorageError(ModelHubError):
    """The operating system refused a read or a write: disk full, no permission."""

    code = "storage"
    exit_status = 9
