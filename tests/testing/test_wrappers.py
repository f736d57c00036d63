"""The contract of wrappers finds those that break it."""

from pathlib import Path

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract


class Sound:
    name = "sound"

    def claims(self, path):
        return path.suffix == ".num"

    def read(self, path, sink):
        try:
            value = float(path.read_bytes())
        except ValueError:
            raise DamagedFileError(f"{path} is no number") from None
        sink.metric("value", value, step=1)


class Silent(Sound):
    def read(self, path, sink):
        pass


class Greedy(Sound):
    def claims(self, path):
        return bool(path.name)


class Fragile(Sound):
    def read(self, path, sink):
        sink.metric("value", float(path.read_bytes()))


class Waiting(Sound):
    def claims(self, path):
        return path.suffix == ".num" and "\0" not in path.name and bool(path.read_bytes())


class Strict(Sound):
    def claims(self, path):
        return path.suffix == ".num" and path.stat().st_size > 0


class Odd(Sound):
    def read(self, path, sink):
        sink.metric("value", path.read_text())


class Forgetful(Sound):
    def __init__(self):
        self.count = 0.0

    def read(self, path, sink):
        self.count += 1
        sink.metric(path.stem, self.count)


class TestSound(WrapperContract):
    """A wrapper that keeps the contract passes."""

    @pytest.fixture
    def wrapper(self):
        return Sound()

    def make_files(self, folder: Path):
        (folder / "a.num").write_text("12.5")
        return [folder / "a.num"]


CASES = {
    "test_its_files_are_claimed": (),
    "test_other_files_are_not_claimed": (Greedy,),
    "test_names_and_kinds_of_files_do_no_harm": (Waiting, Strict),
    "test_reading_is_repeatable": (Silent, Forgetful),
    "test_what_it_says_is_plain": (Odd,),
    "test_a_file_that_is_being_written_is_read": (Fragile,),
    "test_damaged_files_are_refused_or_harmless": (Fragile,),
}


@pytest.mark.parametrize("case", [(test, cls) for test, all_ in CASES.items() for cls in all_])
def test_what_breaks_the_contract_fails(tmp_path, monkeypatch, case):
    """Each of its tests can fail."""
    monkeypatch.setattr("modelhub.testing.damage.PATIENCE", 0.2)
    test, broken = case
    contract = TestSound()
    values = {
        "wrapper": broken(),
        "claimant": broken(),
        "files": contract.make_files(tmp_path),
        "tmp_path": tmp_path,
    }
    function = getattr(contract, test)
    names = function.__code__.co_varnames[1 : function.__code__.co_argcount]
    with pytest.raises((AssertionError, ValueError)):
        function(**{name: values[name] for name in names})
