"""A large safetensors file: `dlv commit` against `dvc add` and others, `dlv checkout` against `cp`.

    python benchmarks/large_file.py --gb 4 --rounds 3 --peers FOLDER_OF_A_VENV

The peers are taken from a virtual environment in which `pip install dvc mlflow-skinny hf_xet`
was done; `git lfs` is Debian's. Those that are not there are left out, and said so.
Weights are normal numbers of a different scale in each tensor, made once with a seed.
"""

import argparse
import json
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measure import Run, alternate, record, run, summary
from xet_server import xet_server

DLV = [sys.executable, "-m", "modelhub.cli"]
COLUMNS = 4096
XET_HASH = "hf_xet hash_files"
XET_UPLOAD = "hf_xet upload to a loopback server"
NOTES = {
    XET_HASH: "cuts the file into chunks and hashes them; stores nothing, compresses nothing",
    XET_UPLOAD: "chunks, hashes (SHA-256, too), compresses, and sends over 127.0.0.1 to a server "
    "that writes what comes to disk; its cache is empty each time; the server's own CPU and "
    "memory are not counted",
}


def make_file(path: Path, gb: float) -> None:
    """Write a safetensors file of float32 matrices, 64 MB each."""
    rows = 4096
    count = max(1, round(gb * 1e9 / (rows * COLUMNS * 4)))
    rng = np.random.default_rng(2017)
    size = rows * COLUMNS * 4
    header = {
        f"layer.{i}.weight": {
            "dtype": "F32",
            "shape": [rows, COLUMNS],
            "data_offsets": [i * size, (i + 1) * size],
        }
        for i in range(count)
    }
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        for _ in range(count):
            scale = rng.uniform(0.005, 0.05)
            file.write((rng.standard_normal((rows, COLUMNS), np.float32) * scale).tobytes())


def fresh(folder: Path, *commands: list[str]) -> Path:
    """An empty folder in which these commands were run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def contestants(work: Path, model: Path, peers: Path | None) -> dict[str, Callable[[], Run]]:
    """Every way to put the file under management, each from an empty start."""

    def link(folder: Path) -> Path:
        # A hard link: the file is read where it is, and `dvc add` may replace its own name.
        (folder / "model.safetensors").hardlink_to(model)
        return folder

    def dlv() -> Run:
        folder = link(fresh(work / "dlv", [*DLV, "init"]))
        return run([*DLV, "commit", "big", "model.safetensors"], folder)

    def dvc() -> Run:
        assert peers is not None
        tool = str(peers / "bin/dvc")
        folder = fresh(work / "dvc", [tool, "init", "--no-scm", "-q"])
        shutil.copyfile(model, folder / "model.safetensors")
        return run([tool, "add", "-q", "model.safetensors"], folder)

    def lfs() -> Run:
        folder = fresh(
            work / "lfs",
            ["git", "init", "-q"],
            ["git", "lfs", "install", "--local"],
            ["git", "lfs", "track", "*.safetensors"],
        )
        return run(["git", "add", "model.safetensors"], link(folder))

    def mlflow() -> Run:
        assert peers is not None
        code = "import mlflow; mlflow.start_run(); mlflow.log_artifact('model.safetensors')"
        folder = link(fresh(work / "mlflow"))
        return run(
            [str(peers / "bin/python"), "-c", code],
            folder,
            MLFLOW_TRACKING_URI=str(folder / "runs"),
            MLFLOW_ALLOW_FILE_STORE="true",
        )

    found: dict[str, Callable[[], Run]] = {"dlv commit": dlv}
    if peers is not None and (peers / "bin/dvc").exists():
        found["dvc add"] = dvc
    if subprocess.run(["git", "lfs", "version"], capture_output=True, check=False).returncode == 0:
        found["git add (git-lfs)"] = lfs
    if peers is not None and list(peers.glob("lib/*/site-packages/mlflow")):
        found["mlflow log_artifact"] = mlflow
    if peers is not None and list(peers.glob("lib/*/site-packages/hf_xet")):
        found |= xet_contestants(work, model, peers)
    found["sha256sum"] = lambda: run(["sha256sum", str(model)], work)
    found["cp"] = lambda: run(["cp", str(model), "copy"], fresh(work / "cp"))
    return found


def xet_contestants(work: Path, model: Path, peers: Path) -> dict[str, Callable[[], Run]]:
    """What Hugging Face's client does with a file: only chunks and hashes, and a whole upload."""
    python = str(peers / "bin/python")

    def xet_hash() -> Run:
        code = "import sys, hf_xet; hf_xet.hash_files(sys.argv[1:])"
        return run([python, "-c", code, str(model)], fresh(work / "xet"))

    def xet_upload() -> Run:
        code = (
            "import sys, hf_xet\n"
            "session = hf_xet.XetSession()\n"
            "with session.new_upload_commit(\n"
            "    endpoint=sys.argv[1], token='none', token_expiry_unix_secs=1 << 40\n"
            ") as commit:\n"
            "    upload = commit.start_upload_file(sys.argv[2])\n"
            "assert upload.result().xet_info.file_size\n"
        )
        folder, stored = fresh(work / "xet"), fresh(work / "xet-server")
        with xet_server(stored) as address:
            done = run(
                [python, "-c", code, address, str(model)],
                folder,
                HF_HOME=str(folder),
                HF_XET_CACHE=str(folder / "cache"),
            )
        size = sum(path.stat().st_size for path in stored.iterdir())
        print(f"the Xet server holds {size / model.stat().st_size:.3f} of the file", flush=True)
        shutil.rmtree(stored)
        return done

    return {XET_HASH: xet_hash, XET_UPLOAD: xet_upload}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dlv-bench")
    parser.add_argument("--only", choices=["commit", "checkout"])
    parser.add_argument("--tag", default="", help="ends the names of the files in results/")
    options = parser.parse_args()
    options.work.mkdir(exist_ok=True)
    model = options.work / "model.safetensors"
    make_file(model, options.gb)
    every = contestants(options.work, model, options.peers and options.peers.absolute())
    if options.only == "checkout":
        committing = alternate({"dlv commit": every["dlv commit"]}, rounds=1)
    else:
        committing = alternate(every, rounds=options.rounds)
    repository = options.work / "dlv"
    stored = sum(p.stat().st_size for p in (repository / ".dlv/objects").rglob("*") if p.is_file())

    def checkout() -> Run:
        shutil.rmtree(options.work / "out", ignore_errors=True)
        return run([*DLV, "checkout", "big", "--to", str(options.work / "out")], repository)

    facts = {"bytes": model.stat().st_size, "stored_bytes": stored}
    print(f"\nstored: {stored / model.stat().st_size:.3f} of {model.stat().st_size / 1e9:.2f} GB\n")
    if options.only != "checkout":
        base = "dvc add" if "dvc add" in committing else "cp"
        print(summary(committing, base))
        for name in sorted(NOTES.keys() & committing.keys()):
            print(f"\n{name}: {NOTES[name]}.")
        record(f"large_file_commit{options.tag}", committing, **facts)
    if options.only != "commit":
        copying = alternate({"cp": every["cp"], "dlv checkout": checkout}, rounds=options.rounds)
        assert (options.work / "out/model.safetensors").stat().st_size == model.stat().st_size
        print("\n" + summary(copying, "cp"))
        record(f"large_file_checkout{options.tag}", copying, **facts)
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
