"""How long capture takes: DenseNet-121 against torch.export alone, and the shape of Llama 7B.

    .venv/bin/python benchmarks/capture.py

Each runs in a process of its own; memory is the most that it held.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).parent.parent
LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "dtype": "bfloat16",
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "vocab_size": 32000,
}


def densenet():
    import torch

    sys.path.insert(0, str(ROOT / "tests" / "wrappers" / "torch"))
    from zoo import ZOO

    from modelhub.wrappers.torch.capture import capture

    warnings.simplefilter("ignore")
    module, image = ZOO["densenet121"].make().eval(), torch.randn(2, 3, 64, 64)
    batch = {"x": {0: torch.export.Dim.AUTO}}
    alone, whole = [], []
    for _ in range(3):
        alone.append(timed(lambda: torch.export.export(module, (image,), dynamic_shapes=batch)))
        whole.append(timed(lambda: capture(module, (image,))))
    ratio = min(whole) / min(alone)
    print(f"DenseNet-121: capture {min(whole):.1f} s, export {min(alone):.1f} s: {ratio:.2f}x")


def llama():
    from modelhub.network import network_bytes
    from modelhub.wrappers.transformers.reader import READER

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        path.write_text(json.dumps(LLAMA))
        found = []
        seconds = timed(lambda: found.append(READER.read(path)))
    network = found[0].network
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"Llama 7B: {seconds:.1f} s, {peak} MB at most, {network.parameter_count / 1e9:.2f} "
        f"billion parameters, {len(network.nodes)} nodes, {len(network_bytes(network)) >> 10} KB"
    )


def timed(run):
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"densenet": densenet, "llama": llama}[sys.argv[1]]()
    else:
        for name in ("densenet", "llama"):
            subprocess.run([sys.executable, __file__, name], check=True)
