"""How staged files are shown."""

from modelhub.cli.staged import staged_table
from modelhub.dlv.staging import StagedFile


def test_a_row_a_file() -> None:
    """A file without tensors has no number there."""
    (row,) = staged_table([StagedFile(path="a.py", state="staged", role="other", size=3)]).rows
    assert row == ("staged", "other", None, None, 3, "a.py", "")
