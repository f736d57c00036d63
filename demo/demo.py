"""The demo: each command is shown, then run; what it prints is its real output."""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from train import PARAMETERS, TRAINING, LeNet, digits, narrow, train

QUERY_4 = """\
let query3 = construct n
from m
where m.name = "lenet-narrow" and
      m["conv*($1)"].next has POOL("MAX")
mutate m["conv*($1)"].insert = RELU("rectified$1");
evaluate m
from "query3"
with config = {"input_data": "digits.npz", "max_iter": 20, "base_lr": 0.01, "batch_size": 16}
vary config.base_lr in [0.05, 0.01, 0.001] and
     config.net["conv*"].lr in [0, 1]
keep top(2, m["loss"], 10)
commit as "lenet-rectified"
"""
BOLD, PLAIN = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")


def say(text: str) -> None:
    """Tell what comes next."""
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


def run(command: str, *, status: int = 0) -> None:
    """Show a command, run it, and stop the demo if it does not end as it should."""
    print(f"$ {command}", flush=True)
    words = shlex.split(command)
    if words[0] == "dlv":
        words = [sys.executable, "-m", "modelhub.cli", *words[1:]]
    done = subprocess.run(words, check=False)
    if done.returncode != status:
        sys.exit(f"demo: {command!r} ended with status {done.returncode}")


def main(work: Path) -> None:
    """Run the whole demo in a fresh folder."""
    work = work.absolute()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    os.chdir(work)
    torch.set_num_threads(1)  # the same weights on every machine of a kind
    torch.manual_seed(2017)
    commit_parent()
    commit_children()
    explore()
    ask()
    evaluate()
    try_out()
    take_back()
    archive()
    share()
    host()
    show_pages()
    say("Now you")
    print(f"cd {work}")
    print(f"export PATH={Path(sys.executable).parent}:$PATH")
    print("dlv list --sort test_accuracy --reverse")
    print("dlv query --help")
    print("dlv desc 'lenet-turned::conv*'")
    print("dlv eval lenet lenet-narrow --data digits.npz --per-class")
    print("dlv cat-tensor lenet@v1::fc2.bias")
    print("dlv checkout lenet@v1 --as safetensors --to converted")
    print("dlv --help")


def commit_parent() -> None:
    """Train a network and commit it with all its snapshots."""
    say("Train the paper's LeNet on the real digits inside scikit-learn, with 4 snapshots")
    net = LeNet()
    assert sum(p.numel() for p in net.parameters()) == PARAMETERS
    reached = train(net, Path("lenet"), steps=120, snapshots=(30, 60, 90, 120), rate=0.02)
    print(f"{PARAMETERS:,} parameters, {reached:.1%} of the test digits named right")

    say("Start a repository, stage the folder, look at what would be committed, commit")
    run("dlv init")
    run("dlv add lenet -q")
    run("dlv status")
    say("With --network, dlv follows the module that train.py builds, layer by layer")
    shutil.copy(Path(__file__).with_name("train.py"), "train.py")
    run(
        "dlv commit lenet -m 'trained from scratch' --tag v1 "
        f"--metric test_accuracy={reached:.4f} "
        "--network train:LeNet --example-input 1,1,28,28"
    )


def commit_children() -> None:
    """Fine-tune the network twice, and change a layer; each child knows its parent."""
    say("A child: start from a copy, train the last layer only")
    run("dlv copy lenet@v1 lenet-head")
    net = load("lenet-head/checkpoints/lenet-step=0120.pt")
    head = train(net, Path("lenet-head"), steps=30, snapshots=(30,), rate=0.005, only="fc2")
    run(
        "dlv commit lenet-head lenet-head -m 'last layer fine-tuned' "
        f"--metric test_accuracy={head:.4f}"
    )
    say("Another child: digits that lie on their side")
    run("dlv copy lenet@v1 lenet-turned")
    net = load("lenet-turned/checkpoints/lenet-step=0120.pt")
    turned = train(net, Path("lenet-turned"), steps=60, snapshots=(30, 60), rate=0.01, turned=True)
    run(
        "dlv commit lenet-turned lenet-turned -m 'digits on their side' "
        f"--metric test_accuracy={turned:.4f}"
    )
    say("A third one: a narrower layer, so another network")
    run("dlv copy lenet@v1 lenet-narrow")
    net = narrow()
    thin = train(net, Path("lenet-narrow"), steps=90, snapshots=(90,), rate=0.02)
    run(
        f"dlv commit lenet-narrow lenet-narrow -m 'fc1 of 300' --metric test_accuracy={thin:.4f} "
        "--network train:narrow --example-input 1,1,28,28"
    )


def load(path: str) -> LeNet:
    """The network of a checkpoint."""
    net = LeNet()
    net.load_state_dict(torch.load(path, weights_only=True))
    return net


def explore() -> None:
    """Ask what there is."""
    say("What there is, and what was made from what")
    run("dlv list")
    say("One version: its layers and what they cost, tensors, metrics over training, bytes")
    run("dlv desc lenet")
    say("What changed between the parent and a child: weights of one layer, or the layer itself")
    run("dlv diff lenet lenet-head")
    run("dlv diff lenet lenet-narrow --only network")
    say("Bytes: what versions share is stored once")
    run("dlv du")


def evaluate() -> None:
    """Measure every snapshot, on the digits that no training has seen."""
    say("Every snapshot, measured again on the test digits; no code of the model is needed")
    images, labels = digits()
    np.savez("digits.npz", images=images[TRAINING:].numpy(), labels=labels[TRAINING:].numpy())
    run("dlv eval lenet --data digits.npz --snapshot all")
    say("The high-order bytes of the weights are enough for most labels, with a guarantee")
    run("dlv eval lenet --data digits.npz --progressive --metric accuracy")


def try_out() -> None:
    """Query 4 of the paper, in small."""
    say("The paper's Query 4: networks of a construct, tried with settings that differ")
    Path("query4.dql").write_text(QUERY_4)
    print(QUERY_4)
    run("dlv query -f query4.dql --threads 1")
    say("The same query again does nothing twice; what was kept are versions")
    run("dlv query -f query4.dql --threads 1 -q")
    run("""dlv query 'select m, m.base_lr, m.loss where m descends from "lenet-narrow"' """.strip())


def ask() -> None:
    """Questions across all models."""
    say("Ask across all models: by metrics, by lineage, by the layers themselves")
    run("dlv query 'select m.name, m.test_accuracy where m.test_accuracy > 0.9'")
    run("""dlv query 'select m where m["conv*"].next has POOL("MAX")' """.strip())


def show_pages() -> None:
    """Write what was shown as pages for a browser."""
    say("The same as pages for a browser: one file each, without scripts")
    run("dlv list --html models.html")
    run("dlv desc lenet --html lenet.html")
    run("dlv diff lenet lenet-narrow --html diff.html")
    run("dlv eval lenet --data digits.npz --snapshot all --html eval.html")


def take_back() -> None:
    """Check a snapshot out, and prove that it is the same."""
    say("Take a snapshot back in another folder: it is the very same file")
    run("dlv checkout lenet@v1/step-60 --to elsewhere")
    original = Path("lenet/checkpoints/lenet-step=0060.pt")
    run(f"sha256sum {original} elsewhere/{original}")
    digests = {hashlib.sha256(p.read_bytes()).digest() for p in (original, "elsewhere" / original)}
    assert len(digests) == 1, "the files differ"
    say("Every stored byte is what it was")
    run("dlv fsck")


def archive() -> None:
    """Store snapshots as differences of each other where reading stays fast."""
    say("Snapshots as differences of each other, each still read within a budget")
    run("dlv archive --alpha 3")
    run("dlv gc --grace 0")
    run("dlv archive --alpha 3 --dry-run --explain lenet@v1/step-60")
    run("dlv fsck")


def share() -> None:
    """Publish to a folder, and clone from it; what is there already is not sent again."""
    say("Publish to a folder, which may be on another machine; clone it as somebody else")
    run(f"dlv remote add origin {Path('hub').absolute().as_uri()}")
    run("dlv publish lenet origin")
    run("dlv publish lenet-head origin")
    run(f"dlv clone {Path('hub').absolute().as_uri()} colleague")
    run("dlv -C colleague list")


def host() -> None:
    """Host a hub, publish to it, search it, and clone from it without a token."""
    say("A hub of your own; what is public, everybody can search and clone")
    print("$ dlv serve --data models --port 0 &", flush=True)
    command = [sys.executable, "-m", "modelhub.cli", "serve", "--data", "models", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        said = [hub.stdout.readline() for _ in range(3)]
        print("".join(said), end="")
        token, url = said[0].split()[-1], said[1].split()[-1]
        print("$ export DLV_TOKEN=mh_...", flush=True)
        os.environ["DLV_TOKEN"] = token
        run(f"dlv publish lenet {url}/admin --public")
        print("$ unset DLV_TOKEN", flush=True)
        del os.environ["DLV_TOKEN"]
        run(f"dlv search full relu --hub {url}")
        run(f"dlv clone {url}/admin from-hub")
        hub.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
