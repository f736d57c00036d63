"""The Python door."""

import numpy as np
import pytest
import torch

from modelhub.dlv.repository import ModelVersion
from modelhub.errors import InputError, IntegrityError, NotFoundError


def test_a_version_is_what_it_was(repository, state) -> None:
    """Name, number, message, metrics, settings, parents, files, snapshots."""
    first = repository.commit("net", state, hyperparameters={"lr": 0.1}, message="hello")
    child = repository.commit("child", {"w": np.ones(2)}, parents=[first], tags=["t"])
    assert (first.name, first.number, first.message) == ("net", 1, "hello")
    assert first.hyperparameters == {"lr": 0.1}
    assert child.parents == [first]
    assert [file.path for file in child.files] == ["model.safetensors"]
    assert child.snapshots == ["final"]
    assert repository["child@t"] == child
    assert len({child, repository["child"]}) == 1
    assert repr(child).startswith("ModelVersion('child@1'")


def test_what_is_named_stays_what_it_is(repository, state) -> None:
    """A version that was looked up does not follow later commits."""
    first = repository.commit("net", state)
    held = repository["net"]
    repository.commit("net", {"w": np.ones(2)})
    assert held == first
    assert held.description.version.number == 1


def test_a_damaged_network_hides_nothing_else(repository, state) -> None:
    """Message, files, snapshots and tensors are read without it."""
    repository.commit("net", state, message="hello")
    version = repository["net"]
    place = repository.index.find_blob(version.description.network).location
    (pack,) = repository.root.glob(f".dlv/objects/*/{place.pack[2:]}")
    pack.chmod(0o644)
    raw = bytearray(pack.read_bytes())
    raw[place.offset + place.size // 2] ^= 1
    pack.write_bytes(raw)
    found = repository["net"]
    with pytest.raises(IntegrityError, match="run dlv fsck"):
        _ = found.network
    assert (found.message, found.metrics, found.snapshots) == ("hello", {}, ["final"])
    assert [file.path for file in found.files] == ["model.safetensors"]
    assert set(found.tensors) == set(state)


def test_nothing_to_commit(repository) -> None:
    """An empty list of paths."""
    with pytest.raises(InputError, match="nothing to commit"):
        repository.commit("net", [])
    assert not any(isinstance(v, ModelVersion) for v in repository)


class TestModules:
    """Modules go in, and come out again, without their source."""

    def test_a_module_comes_back(self, repository) -> None:
        """It computes the same, has the same keys, and trains."""
        torch.manual_seed(1)
        net = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 3)
        )
        image = torch.rand(2, 1, 8, 8)
        version = repository.commit("net", net, image, message="first")
        again = version.module()

        assert version.network is not None
        assert version.network.partial is None
        assert list(again.state_dict()) == list(net.state_dict())
        assert torch.equal(again(image), net.eval()(image))
        again.train()(image).sum().backward()
        assert all(p.grad is not None for p in again.parameters())
        assert "Conv2d" in version.source()

    def test_snapshots_have_their_own_weights(self, repository) -> None:
        """The one that is named, here or in the revision."""
        net = torch.nn.Linear(4, 2)
        repository.commit("net", net, torch.zeros(1, 4), step=1)
        assert torch.equal(repository["net"].module("step-1").weight, net.weight)
        assert torch.equal(repository["net@1/step-1"].module().weight, net.weight)
        with pytest.raises(NotFoundError):
            repository["net"].module("step-2")

    def test_without_example_inputs_the_network_is_partial(self, repository) -> None:
        """It is refused with the reason."""
        version = repository.commit("net", torch.nn.Linear(4, 2))
        with pytest.raises(InputError, match="the network of net@1 is partial: "):
            version.module()
        with pytest.raises(InputError, match="is partial"):
            version.source()

    def test_without_a_network_the_way_out_is_said(self, repository) -> None:
        """A file that nobody understands has none."""
        (repository.root / "notes.txt").write_text("nothing")
        version = repository.commit("net", "notes.txt")
        assert version.network is None
        for each in (version, repository.commit("weights", {"fc.weight": np.ones((2, 3))})):
            with pytest.raises(InputError, match="dlv commit --network"):
                each.module()

    def test_what_is_no_content(self, repository, state) -> None:
        """An optimizer is no module, and files take no example inputs."""
        with pytest.raises(InputError, match="cannot be committed"):
            repository.commit("net", torch.optim.SGD(torch.nn.Linear(1, 1).parameters()))
        with pytest.raises(InputError, match="example inputs are for modules"):
            repository.commit("net", state, torch.zeros(1))
