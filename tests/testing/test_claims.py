"""The contract of what recognises files; its cases are broken in those that inherit it."""

import pytest

from modelhub.testing import NetworkReaderContract, WrapperContract
from modelhub.testing.claims import ClaimsContract


@pytest.mark.parametrize("contract", [NetworkReaderContract, WrapperContract])
def test_contracts_share_its_cases(contract) -> None:
    """None of them is written again, or left out."""
    for name in vars(ClaimsContract):
        if name.startswith("test_"):
            assert getattr(contract, name) is getattr(ClaimsContract, name)


def test_what_is_under_test_must_be_named(tmp_path) -> None:
    """The contract alone tests nothing."""
    with pytest.raises(NotImplementedError):
        ClaimsContract().make_files(tmp_path)
