"""A hub on this machine: publishing to it and taking from it, against `cp` of the same file.

    python benchmarks/hub.py --gb 1 --rounds 3

Two versions of normal numbers, the second of which differs by a relative 1e-4. Each round has a
namespace of its own, so that everything is sent again. The hub's own CPU and memory are told
apart: those of its process over all rounds.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import numpy as np
from large_file import make_file
from measure import Run, alternate, record, run, summary

DLV = [sys.executable, "-m", "modelhub.cli"]
DOWNLOAD = (
    "import sys; from huggingface_hub import snapshot_download as get; "
    "get(sys.argv[1], local_dir=sys.argv[2], token=False)"
)


def tune(path: Path, target: Path) -> None:
    """Write a fine-tuned copy of a model, a few MB at a time."""
    rng = np.random.default_rng(7)
    with path.open("rb") as source, target.open("wb") as tuned:
        size = source.read(8)
        tuned.write(size + source.read(int.from_bytes(size, "little")))
        while (block := np.fromfile(source, np.float32, 1 << 22)).size:
            tuned.write(block * (1 + 1e-4 * rng.standard_normal(block.size, np.float32)))


def account(url: str, token: str, name: str) -> str:
    """Make an account; its token."""
    request = urllib.request.Request(
        f"{url}/api/v1/accounts",
        json.dumps({"name": name}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["token"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dlv-hub")
    options = parser.parse_args()
    work = options.work.absolute()
    shutil.rmtree(work, ignore_errors=True)
    here = work / "here"
    here.mkdir(parents=True)
    model = here / "model.safetensors"
    make_file(model, options.gb)
    for arguments in (["init"], ["commit", "big", model.name]):
        run([*DLV, *arguments], here)
    tune(model, work / "tuned")
    (work / "tuned").replace(model)
    run([*DLV, "commit", "big", model.name], here)
    serve = [*DLV, "serve", "--data", str(work / "data"), "--port", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        said = [hub.stdout.readline() for _ in range(3)]
        admin, url = said[0].split()[-1], said[1].split()[-1]
        measure(options, work, url, admin)
        hub.terminate()
        _, _, usage = os.wait4(hub.pid, 0)
        hub.returncode = 0
    print(f"\nthe hub: {usage.ru_utime + usage.ru_stime:.1f} CPU s, {usage.ru_maxrss / 1e3:.0f} MB")
    shutil.rmtree(work)


def measure(options: argparse.Namespace, work: Path, url: str, admin: str) -> None:
    here, model = work / "here", work / "here/model.safetensors"
    numbers = itertools.count(1)
    now: dict[str, str] = {}

    def publish(revision: str) -> Run:
        place = f"{url}/{now['name']}"
        return run([*DLV, "publish", revision, place, "--public"], here, DLV_TOKEN=now["token"])

    def first() -> Run:
        now["name"] = f"round-{next(numbers)}"
        now["token"] = account(url, admin, now["name"])
        return publish("big@1")

    def folder(target: str) -> Path:
        shutil.rmtree(work / target, ignore_errors=True)
        return work / target

    found = alternate(
        {
            "cp": lambda: run(["cp", str(model), str(folder("copy"))], work),
            "publish, first": first,
            "publish, fine-tune": lambda: publish("big@2"),
            "publish, nothing": lambda: publish("big@2"),
            "clone, both": lambda: run(
                [*DLV, "clone", f"{url}/{now['name']}", str(folder("clone"))], work
            ),
            "snapshot_download": lambda: run(
                [sys.executable, "-c", DOWNLOAD, f"{now['name']}/big", str(folder("hf"))],
                work,
                HF_ENDPOINT=url,
                HF_HOME=str(work / "home"),
                HF_HUB_ETAG_TIMEOUT="60",
            ),
        },
        rounds=options.rounds,
    )
    assert (work / "hf/model.safetensors").read_bytes() == model.read_bytes()
    print("\n" + summary(found, "cp"))
    record("hub", found, bytes=model.stat().st_size)


if __name__ == "__main__":
    main()
