"""dlv checkout."""


def test_writes_the_same_bytes(lenet, folder, weights) -> None:
    """Into another folder, byte for byte."""
    done = lenet("checkout", "lenet", "--to", "out")
    assert done.out == f"lenet@2: wrote 1 file, 5.0 KiB\n{folder}/out\n"
    original = weights("again.safetensors", 2).read_bytes()
    assert (folder / "out/model_0010.safetensors").read_bytes() == original
    again = lenet("checkout", "lenet", "--to", "out")
    assert again.out.startswith("lenet@2: wrote 0 files, 0 B; 1 were there already")


def test_differing_files_are_not_overwritten(lenet, folder) -> None:
    """Exit status 4, unless it is forced."""
    before = (folder / "model_0010.safetensors").read_bytes()
    done = lenet("checkout", "lenet@1")
    assert done.status == 4
    assert "--force" in done.err
    assert (folder / "model_0010.safetensors").read_bytes() == before
    assert lenet("checkout", "lenet@1", "--force").status == 0
    assert (folder / "model_0010.safetensors").read_bytes() != before


def test_converts(lenet, folder) -> None:
    """To the formats that it knows; the tensors are the same."""
    import numpy as np
    from safetensors.numpy import load_file

    lenet("checkout", "lenet@1", "--as", "npz", "--to", "out")
    done = lenet("checkout", "lenet@1", "--snapshot", "step-10", "--as", "safetensors", "-q")
    loaded = load_file(folder / done.out.strip())
    with np.load(folder / "out/lenet-step-10.npz") as arrays:
        assert all(np.array_equal(loaded[name], arrays[name]) for name in loaded)


def test_selects_paths(lenet) -> None:
    """By pattern; one that fits nothing is an error."""
    assert lenet("checkout", "lenet", "*.safetensors", "--to", "a", "-q").out
    assert lenet("checkout", "lenet", "*.pt", "--to", "b").status == 3
    assert lenet("checkout", "lenet", "x", "--as", "pt").status == 2
