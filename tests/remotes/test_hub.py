"""Tests of `modelhub.remotes.hub`, against a real hub."""

import itertools

import numpy as np
import pytest

from modelhub.dlv.naming import resolve
from modelhub.errors import AccessError, IntegrityError, NotFoundError
from modelhub.remotes import (
    HubRemote,
    clone,
    everything,
    fetch,
    keep_token,
    open_remote,
    publish,
)
from modelhub.testing import RemoteContract

_NUMBERS = itertools.count(1)


@pytest.fixture
def address(hub):
    """The namespace of a new account, to whose hub this user has logged in."""
    name = f"remote-{next(_NUMBERS)}"
    keep_token(hub.url, hub.account(name))
    return f"{hub.url}/{name}"


class TestHubRemote(RemoteContract):
    """What every remote does."""

    @pytest.fixture(autouse=True)
    def _address(self, address):
        self.address = address

    def make_remote(self):
        return HubRemote(self.address)


@pytest.fixture
def as_nobody(monkeypatch, tmp_path):
    """From here on, without a token."""
    return lambda: monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))


def test_versions_go_there_and_come_back(here, there, state, tuned, address):
    """The second one sends its difference only."""
    first = state(1)
    here.commit("lenet", first)
    here.commit("lenet", tuned(first))
    remote = open_remote(address, create=True)
    one = publish(here, [resolve(here, "lenet@1")], remote).versions[0]
    two = publish(here, [resolve(here, "lenet@2")], remote).versions[0]
    again = publish(here, [resolve(here, "lenet@2")], remote).versions[0]
    fetched = fetch(there, remote, everything(remote)).versions

    assert two.sent < one.sent
    assert (again.sent, again.created) == (0, False)
    assert [str(each.version) for each in fetched] == ["lenet@1", "lenet@2"]
    for name, array in tuned(first).items():
        assert np.array_equal(there["lenet@2"].tensors[name][()], array)


def test_what_is_public_is_cloned_without_a_token(here, state, address, as_nobody, tmp_path):
    """And what is not, is not there."""
    here.commit("open", state(1))
    here.commit("closed", state(2))
    remote = open_remote(address)
    publish(here, [resolve(here, "closed@1")], remote)
    remote.is_public = True
    publish(here, [resolve(here, "open@1")], remote)
    remote.set_public("open", is_public=True)
    as_nobody()

    done = clone(address, tmp_path / "copy")
    assert [str(each.version) for each in done.fetched.versions] == ["open@1"]
    with pytest.raises(AccessError, match="log in"):
        HubRemote(address).put(b"x")


def test_a_public_model_uses_no_packs_of_private_ones(here, state, address):
    """So that it can be public; a private one uses all."""
    shared = state(1)
    here.commit("closed", shared)
    here.commit("open", shared | {"more": np.ones((300, 200), np.float32)})
    remote = open_remote(address)
    publish(here, [resolve(here, "closed@1")], remote)

    assert remote.sharing("open") == ["closed"]
    remote.is_public = True
    assert remote.sharing("open") == []
    publish(here, [resolve(here, "open@1")], remote)
    assert remote.sharing("open") == ["open"]
    remote.set_public("open", is_public=True)


def test_a_private_model_that_shares_packs_stays_private(here, state, address):
    """Everybody would read what else is in them."""
    shared = state(1)
    here.commit("closed", shared)
    here.commit("other", shared | {"more": np.ones((300, 200), np.float32)})
    remote = open_remote(address)
    publish(here, [resolve(here, "closed@1"), resolve(here, "other@1")], remote)
    here.commit("third", {"conv.weight": shared["conv.weight"]})
    publish(here, [resolve(here, "third@1")], remote)

    with pytest.raises(IntegrityError, match="shares packs"):
        remote.set_public("third", is_public=True)


def test_a_namespace_that_is_not_there_is_told(hub, address):
    """When something is asked of it."""
    del address
    remote = open_remote(f"{hub.url}/no-such-namespace")

    with pytest.raises(NotFoundError, match="no namespace no-such-namespace"):
        remote.models()


def test_a_model_that_is_not_there_is_told(address):
    with pytest.raises(NotFoundError, match="no model"):
        open_remote(address).set_public("lenet", is_public=True)
