"""Write a golden repository, once for each version of the format; it is read for ever after.

python tools/golden.py tests/data/format/v1
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from modelhub import Repository
from modelhub.dlv import alias, annotate, remove, tag


def write_files(folder: Path, seed: int) -> None:
    """Checkpoints of every kind that has a recipe, and files that have none."""
    rng = np.random.default_rng(seed)
    big = rng.normal(0, 0.05, (40, 60)).astype(np.float32)
    state = {
        "conv.weight": big,
        "conv.bias": np.arange(40, dtype=np.float32),
        "half": big.astype(np.float16),
        "brain": big.astype(ml_dtypes.bfloat16),
        "double": big.astype(np.float64),
        "whole": rng.integers(-9, 9, (30, 50)),
        "yes": rng.random((7, 3)) > 0.5,
        "special": np.array([0x7FC00001, 0xFF800000, 0x80000000, 1], np.uint32).view(np.float32),
        "empty": np.zeros((0, 3), np.float32),
        "scalar": np.array(3, np.int64),
    }
    folder.mkdir(parents=True)
    save_file(state, folder / "model_0010.safetensors", {"step": "10"})
    tensors = {k: torch.from_numpy(v.copy()) for k, v in state.items() if k != "brain"}
    tensors |= {"turned": tensors["conv.weight"].t(), "part": tensors["conv.weight"][3:9, ::2]}
    torch.save(tensors, folder / "model_0020.pt")
    torch.save(tensors, folder / "model_0030.pt", _use_new_zipfile_serialization=False)
    np.savez(folder / "arrays.npz", a=big, b=np.asfortranarray(big))
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 40])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 60])],
        [numpy_helper.from_array(big, "w")],
    )
    onnx.save(helper.make_model(graph), folder / "model.onnx")
    (folder / "train.py").write_text(f"print({seed})\n")
    (folder / "log.csv").write_text("step,loss\n10,0.5\n20,0.25\n")
    (folder / "config.json").write_text(json.dumps({"lr": 0.1, "model": {"width": seed}}))


def main(target: Path) -> None:
    """Write the repository, and beside it what every reader must find."""
    if target.exists():
        sys.exit(f"{target} is there already; golden files are written once")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "golden"
        write_files(root / "net", 1)
        with Repository.init(root) as repository:
            repository.commit("net", "net", message="first", tags=["v1"], metrics={"f1": 0.5})
            shutil.rmtree(root / "net")
            write_files(root / "net", 2)
            repository.commit("net", "net", message="second")
            repository.commit("from-memory", {"w": np.float32([1, 2])}, parents=["net@1", "net@2"])
            repository.commit("gone", {"w": np.float32([3, 4])})
            tag(repository, "net@2", "paper")
            alias(repository, "net@1", "best-so-far")
            annotate(repository, "net@1", metrics={"later": 1.5}, notes={"seen": "yes"})
            remove(repository, ["gone"])
            expected = {
                str(version.ref): {
                    "id": version.id,
                    "files": {
                        file.path: hashlib.sha256(
                            (
                                Path(version.checkout(Path(name) / version.id).folder) / file.path
                            ).read_bytes()
                        ).hexdigest()
                        for file in version.files
                    },
                }
                for version in repository
            }
        target.mkdir(parents=True)
        (target / "format").write_bytes((root / ".dlv/format").read_bytes())
        shutil.copytree(root / ".dlv/objects", target / "objects")
        (target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
