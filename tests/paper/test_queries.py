"""The four queries of the paper (Sec. III-B), as they stand; also with the blanks of its PDF."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from small_networks import read, small_state
from torch import nn

from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.repository import Repository
from modelhub.dql import (
    TryOptions,
    commit_construction,
    commit_slice,
    constructed_module,
    constructed_network,
    evaluate,
    format_script,
    parse,
    query,
    sliced_module,
)
from modelhub.network import Network, Node, State
from modelhub.wrappers import Captured

QUERIES = [
    """select m1
where m1.name like "alexnet_%" and
      m1.creation_time > "2015-11-22" and
      m1["conv[1,3,5]"].next has POOL("MAX")
""",
    """slice m2
from m1
where m1.name like "alexnet-origin%"
mutate m2.input = m1["conv1"] and
       m2.output = m1["fc7"]
""",
    """construct m2
from m1
where m1.name like "alexnet-avgv1%" and
      m1["conv*($1)"].next has POOL("AVG")
mutate m1["conv*($1)"].insert = RELU("relu$1")
""",
    """evaluate m
from "query3"
with config = "path to config"
vary config.base_lr in [0.1, 0.01, 0.001] and
     config.net["conv*"].lr auto and
     config.input_data in ["path1", "path2"]
keep top(5, m["loss"], 100)
""",
]


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_is_read_and_is_in_its_one_form(text: str) -> None:
    """Formatting a query of the paper gives that query."""
    assert format_script(parse(text)) == text
    assert parse(" ".join(text.split())) == parse(text)


WEIGHTS = small_state(1)


def chain(kind: str) -> Captured:
    nodes = [
        Node(name="image", op="input", template="INPUT"),
        Node(name="conv1", op="layer", template="CONV", inputs=read("image"), states=list(WEIGHTS)),
        Node(name="pool1", op="function", template="POOL", kind=kind, inputs=read("conv1")),
        Node(name="output", op="output", template="OUTPUT", inputs=read("pool1")),
    ]
    states = [
        State(name=name, kind="parameter", dtype=str(each.dtype), shape=each.shape)
        for name, each in WEIGHTS.items()
    ]
    return Captured(network=Network(dialect="names", nodes=nodes, states=states), tensors={})


@pytest.mark.parametrize("text", [QUERIES[0], QUERIES[0].replace("alexnet_%", " alexnet_ %")])
def test_query_1_gives_the_models_with_that_name_and_structure(tmp_path, text: str) -> None:
    """An underscore stands for any character, as in SQL; blanks of the PDF do not matter."""
    with Repository.init(tmp_path) as models:
        for name, kind in (
            ("alexnet_1", "MAX"),
            ("alexnet-2", "MAX"),
            ("alexnet_3", "AVG"),
            ("vgg", "MAX"),
        ):
            commit_state(models, name, WEIGHTS, options=CommitOptions(network=chain(kind)))
        found = query(models, text)
    assert [str(each) for each in found.versions] == ["alexnet_1@1", "alexnet-2@1"]


def origin() -> nn.Module:
    layers = {
        "conv1": nn.Conv2d(1, 3, 3),
        "relu1": nn.ReLU(),
        "pool1": nn.MaxPool2d(2),
        "flat": nn.Flatten(),
        "fc6": nn.Linear(27, 8),
        "fc7": nn.Linear(8, 6),
        "fc8": nn.Linear(6, 2),
    }
    return nn.Sequential(OrderedDict(layers))


def test_query_2_cuts_a_network_that_runs_and_can_be_recorded(tmp_path) -> None:
    """It computes what the whole does up to fc7; recorded, it descends from its source."""
    torch.manual_seed(0)
    module, image = origin().eval(), torch.randn(2, 1, 8, 8)
    with Repository.init(tmp_path) as models:
        models.commit("alexnet-origin1", module, image)
        models.commit("vgg", origin(), image)
        [cut] = query(models, QUERIES[1]).slices
        part = sliced_module(models, cut)
        done = commit_slice(models, cut, "features")
        recorded = models["features"]
        again = recorded.module()
        parents = [each.name for each in recorded.parents]
    assert (str(cut.source), cut.start, cut.end) == ("alexnet-origin1@1", "conv1", "fc7")
    assert torch.equal(part(image), module[:6](image))
    assert torch.equal(again(image), module[:6](image))
    assert parents == ["alexnet-origin1"]
    assert done.created


def averaging() -> nn.Module:
    """AlexNet in small, without activations: convolutions, some with a pool of averages behind."""
    layers = {
        "conv1": nn.Conv2d(1, 3, 3),
        "pool1": nn.AvgPool2d(2),
        "conv2": nn.Conv2d(3, 4, 3, padding=1),
        "conv3": nn.Conv2d(4, 4, 3, padding=1),
        "pool3": nn.AvgPool2d(2),
        "flat": nn.Flatten(),
        "fc6": nn.Linear(16, 8),
        "fc7": nn.Linear(8, 2),
    }
    return nn.Sequential(OrderedDict(layers))


def test_query_3_puts_a_relu_behind_each_convolution_with_a_pool(tmp_path) -> None:
    """Behind those alone; the new network runs, and recorded it descends from its source."""
    torch.manual_seed(0)
    module, image = averaging().eval(), torch.randn(2, 1, 10, 10)
    with Repository.init(tmp_path) as models:
        models.commit("alexnet-avgv1", module, image)
        models.commit("alexnet-origin1", origin(), image[:, :, :8, :8])
        found = query(models, QUERIES[2])
        [new] = found.constructions
        names = [node.name for node in constructed_network(models, new).nodes]
        changed = constructed_module(models, new)
        done = commit_construction(models, new, "rectified")
        recorded = models["rectified"]
        again = recorded.module()
        parents = [each.name for each in recorded.parents]
        rectified = query(models, 'select m where m["conv3"].next has RELU').versions
    [[source, inserted, deleted, nodes, parameters]] = found.rows
    count = sum(each.numel() for each in module.parameters())
    assert (str(source), inserted, deleted) == ("alexnet-avgv1@1", ["relu1", "relu3"], [])
    assert (nodes, parameters) == (12, count)
    assert names[1:7] == ["conv1", "relu1", "pool1", "conv2", "conv3", "relu3"]
    x = module.pool1(torch.relu(module.conv1(image)))
    x = module.pool3(torch.relu(module.conv3(module.conv2(x))))
    wanted = module.fc7(module.fc6(module.flat(x)))
    assert torch.equal(changed(image), wanted)
    assert torch.equal(again(image), wanted)
    assert not torch.equal(module(image), wanted)
    assert parents == ["alexnet-avgv1"]
    assert done.created
    assert [each.name for each in rectified] == ["rectified"]


def test_query_4_tries_the_networks_of_query_3_and_keeps_five(tmp_path, monkeypatch) -> None:
    """Odd or even, on real digits: 18 trials, the five best at step 100 become versions."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    images, labels = load_digits(return_X_y=True)
    pixels = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    pixels = np.pad(pixels, [(0, 0), (0, 0), (1, 1), (1, 1)])
    for number in (1, 2):
        chosen = slice(number, 600, 2)
        np.savez(f"path{number}", images=pixels[chosen], labels=labels[chosen] % 2)
    config = 'base_lr = 0.1\ninput_data = "path1.npz"\nmax_iter = 110\nbatch_size = 8\n'
    (tmp_path / "config.toml").write_text(config)
    text = QUERIES[3].replace("path to config", "config.toml")
    text = text.replace('"path1", "path2"', '"path1.npz", "path2.npz"')
    with Repository.init(tmp_path) as models:
        models.commit("alexnet-avgv1", averaging(), torch.zeros(2, 1, 10, 10))
        found = evaluate(models, f"let query3 = {QUERIES[2]};{text}", options=TryOptions(threads=1))
        kept = [each for each in found.trials if each.state == "kept"]
        versions = [models[each.version] for each in kept]
        parents = {str(parent.ref) for each in versions for parent in each.parents}
        assert all("relu1" in each.network.by_name for each in versions)
        assert all(each.message == found.query.strip() for each in versions)
    assert found.count == 18
    assert len(kept) == 5
    assert parents == {"alexnet-avgv1@1"}
    stopped = [each for each in found.trials if each.state == "stopped"]
    assert stopped
    assert {each.step for each in stopped} == {100}
    assert min(each.metrics["loss"] for each in kept) < 0.65
