"""What is tried, written down and read again."""

import json

import pytest
from small_trials import with_networks

from modelhub.dlv.versions import VersionRef
from modelhub.dql import query
from modelhub.dql.candidates import Candidate, read, trainer_of, written
from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.network import Network

TEXTS = [
    "select m",
    'slice s from m mutate s.input = m["conv1"] and s.output = m["fc1"]',
    'construct n from m mutate m["conv1"].insert = CONV(kernel_size=3, out_channels=4, padding=1)',
]


@pytest.fixture
def models(tmp_path):
    with with_networks(tmp_path) as found:
        yield found


@pytest.mark.parametrize("text", TEXTS)
def test_each_kind_comes_back_from_json(models, text: str) -> None:
    """With the same network and the same first weights, those of new layers included."""
    found = query(models, text)
    [part] = [*found.slices, *found.constructions] or found.versions
    candidate = Candidate(part=part)
    again = read(json.loads(json.dumps(written(candidate))))
    network = candidate.network(models)
    assert str(candidate.source) == str(again.source) == "lenet@1"
    assert again.network(models) == network
    assert trainer_of(network) is trainer_of(again.network(models))
    one, other = (each.weights(models, network, 3) for each in (candidate, again))
    assert one.keys() == other.keys() == {each.name for each in network.states}
    assert all((one[k].numpy() == other[k].numpy()).all() for k in one)


@pytest.mark.parametrize("found", [{}, {"kind": "slice", "source": "a", "name": "b", "number": 1}])
def test_what_is_damaged_is_told(found) -> None:
    """A run's folder may have been changed by hand."""
    with pytest.raises(IntegrityError, match="cannot be read"):
        read(found)


def test_what_is_gone_or_cannot_be_trained_is_told(models) -> None:
    """Removed versions, other dialects."""
    gone = Candidate(part=VersionRef(id="0" * 64, name="gone", number=1))
    with pytest.raises(NotFoundError, match="gone@1 is not there any more"):
        gone.network(models)
    with pytest.raises(InputError, match="dialect 'onnx' cannot be trained"):
        trainer_of(Network(dialect="onnx", nodes=[]))
