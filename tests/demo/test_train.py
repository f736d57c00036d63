import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from train import PARAMETERS, LeNet, digits, train


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are taken in one order, as in the demo."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def seeded() -> LeNet:
    torch.manual_seed(2017)
    return LeNet()


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_is_the_lenet_of_the_paper() -> None:
    """Fig. 2: 431,080 learnable parameters, and ten classes."""
    net = seeded()

    assert PARAMETERS == 431_080
    assert sum(parameter.numel() for parameter in net.parameters()) == PARAMETERS
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_digits_are_real_and_28_by_28() -> None:
    """All 1,797 of scikit-learn, upsampled; turned ones are the same, a quarter turn on."""
    images, labels = digits()
    turned, same = digits(turned=True)

    assert images.shape == (1797, 1, 28, 28)
    assert sorted(set(labels.tolist())) == list(range(10))
    assert torch.equal(turned, torch.rot90(images, 1, (2, 3)))
    assert torch.equal(labels, same)


def test_training_leaves_checkpoints_a_log_and_settings(tmp_path: Path) -> None:
    """What `dlv commit` finds: snapshots named by their steps, metrics, hyperparameters."""
    reached = train(seeded(), tmp_path, steps=4, snapshots=(2, 4), rate=0.02)

    names = ["lenet-step=0002.pt", "lenet-step=0004.pt"]
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == names
    rows = list(csv.DictReader((tmp_path / "metrics.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["1", "2", "3", "4"]
    assert float(rows[-1]["accuracy"]) == pytest.approx(reached, abs=1e-6)
    assert json.loads((tmp_path / "config.json").read_text())["lr"] == 0.02


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs leave the same files, checkpoints included, byte for byte."""
    for folder in ("one", "two"):
        train(seeded(), tmp_path / folder, steps=4, snapshots=(2, 4), rate=0.02)

    first = hashes(tmp_path / "one")
    assert len(first) == 4
    assert first == hashes(tmp_path / "two")


def test_only_the_named_layer_is_trained(tmp_path: Path) -> None:
    """What is frozen stays bit for bit, so that a repository stores it once."""
    net = seeded()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}

    train(net, tmp_path, steps=2, snapshots=(2,), rate=0.02, only="fc2")

    after = torch.load(tmp_path / "checkpoints/lenet-step=0002.pt", weights_only=True)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"fc2.weight", "fc2.bias"}


def test_it_learns(tmp_path: Path) -> None:
    """Thirty steps name most digits right, which chance does for one in ten."""
    assert train(seeded(), tmp_path, steps=30, snapshots=(), rate=0.02) > 0.5
