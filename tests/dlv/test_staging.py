"""What `add` remembers."""

from pathlib import Path

import pytest

from modelhub.dlv.layout import Layout
from modelhub.dlv.staging import Staging, Stamp, read_staging, write_staging
from modelhub.errors import IntegrityError


def test_round_trip(tmp_path: Path) -> None:
    """Files with their stamps, and noted parents."""
    (tmp_path / "a").write_text("x")
    staging = Staging(files={"a": Stamp.of(tmp_path / "a", whole=True)}, parents={"n": ("1", "2")})
    write_staging(Layout(tmp_path), staging, scratch=tmp_path)
    assert read_staging(Layout(tmp_path)) == staging


def test_nothing_is_staged_at_first(tmp_path: Path) -> None:
    """No file, no stage."""
    assert read_staging(Layout(tmp_path)) == Staging()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {"a": 3}, "parents": {}}'])
def test_damage_says_how_to_begin_anew(tmp_path: Path, text: str) -> None:
    """It holds nothing that was committed."""
    Layout(tmp_path).staging.write_text(text)
    with pytest.raises(IntegrityError, match="delete it and add the files again"):
        read_staging(Layout(tmp_path))
