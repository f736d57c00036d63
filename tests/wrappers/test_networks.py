"""The registries of what captures, reads and runs networks."""

import pytest

from modelhub.errors import NotFoundError
from modelhub.wrappers.networks import MODULES, NETWORK_READERS, RUNNERS


@pytest.mark.parametrize("registry", [NETWORK_READERS, MODULES, RUNNERS])
def test_an_unknown_name_says_what_there_is(registry: object) -> None:
    """Each registry names its group where something is missing."""
    with pytest.raises(NotFoundError, match=r"no modelhub\.\w+ called 'abacus'"):
        registry.get("abacus")  # type: ignore[attr-defined]
