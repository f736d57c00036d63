"""Taking files back."""

import numpy as np
import pytest
from sqlalchemy import text

from modelhub.dlv import checkout
from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError


@pytest.fixture(autouse=True)
def committed(repository, save, state, root):
    save("deep/model_0010.safetensors", state)
    script = root / "deep/run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    return repository.commit("net", ["deep"])


def test_where_they_were_added_from(repository, root) -> None:
    """What is there already stays; what is gone comes back, executable bit and all."""
    (root / "deep/run.sh").unlink()
    done = checkout(repository, "net")
    assert (list(done.written), list(done.unchanged)) == (
        ["deep/run.sh"],
        ["deep/model_0010.safetensors"],
    )
    assert (root / "deep/run.sh").stat().st_mode & 0o100


def test_nothing_is_written_if_anything_is_in_the_way(repository, tmp_path) -> None:
    """Not even the files that would fit."""
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "deep/run.sh").write_text("mine")
    with pytest.raises(ConflictError, match=r"deep/run\.sh"):
        checkout(repository, "net", to=out)
    assert [p.name for p in (out / "deep").iterdir()] == ["run.sh"]
    checkout(repository, "net", to=out, force=True)
    assert (out / "deep/run.sh").read_text() == "#!/bin/sh\n"


def test_no_link_leads_outside(repository, tmp_path) -> None:
    """Neither a linked folder nor a linked file is followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    out = tmp_path / "out"
    out.mkdir()
    (out / "deep").symlink_to(outside)
    with pytest.raises(ConflictError, match="is a link"):
        checkout(repository, "net", to=out, force=True)
    (out / "deep").unlink()
    (out / "deep").mkdir()
    (outside / "victim").write_text("mine")
    (out / "deep/run.sh").symlink_to(outside / "victim")
    checkout(repository, "net", to=out, force=True)
    assert (outside / "victim").read_text() == "mine"
    assert not (out / "deep/run.sh").is_symlink()


def test_a_folder_in_the_way(repository, tmp_path) -> None:
    """It is never deleted."""
    (tmp_path / "deep/run.sh/x").mkdir(parents=True)
    with pytest.raises(ConflictError, match="is a folder"):
        checkout(repository, "net", to=tmp_path, force=True)


def test_one_snapshot_or_some_paths(repository, tmp_path) -> None:
    """By revision, or by pattern."""
    done = checkout(repository, "net@1/step-10", to=tmp_path / "a")
    assert list(done.written) == ["deep/model_0010.safetensors"]
    done = checkout(repository, "net", to=tmp_path / "b", paths=["deep/*.sh"])
    assert list(done.written) == ["deep/run.sh"]
    with pytest.raises(NotFoundError):
        checkout(repository, "net", paths=["*.bin"])


def test_a_flipped_bit_is_refused_and_nothing_becomes_visible(
    repository, save, state, tmp_path
) -> None:
    """The file that was there stays; a damaged one has no name at any time."""
    state["fc.weight"] = state["fc.weight"] + 1
    save("other.safetensors", state)
    repository.commit("other", ["other.safetensors"])
    objects = sorted(p for p in (repository.root / ".dlv/objects").rglob("*") if p.is_file())
    out = tmp_path / "out"
    out.mkdir()
    (out / "other.safetensors").write_text("mine")
    for path in objects:
        path.chmod(0o644)
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 4
        path.write_bytes(data)
    with pytest.raises(IntegrityError, match="run dlv fsck"):
        checkout(repository, "other", to=out, force=True)
    assert [p.name for p in out.iterdir()] == ["other.safetensors"]
    assert (out / "other.safetensors").read_text() == "mine"


def test_wrong_tensors_with_right_checksums_are_refused(repository, save, tmp_path) -> None:
    """The file's hash covers its tensors: a catalog that mixes two of them up is noticed."""
    state = {name: np.full((60, 50), number, np.float32) for number, name in enumerate("ab")}
    save("pair.safetensors", state)
    repository.commit("pair", ["pair.safetensors"])
    first, second = (tensor.id for tensor in repository["pair"].tensors.values())
    with repository.catalog.write() as connection:
        for before, after in ((first, "x" * 64), (second, first), ("x" * 64, second)):
            change = text("UPDATE tensor SET id = :after WHERE id = :before")
            connection.execute(change, {"before": before, "after": after})
    with pytest.raises(IntegrityError, match="came out with other bytes"):
        checkout(repository, "pair", to=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_is_no_folder_to_check_out_to(repository, tmp_path) -> None:
    """The way out is told, and the file stays as it is."""
    place = tmp_path / "file"
    place.write_text("mine")
    with pytest.raises(ConflictError, match="is a file; name a folder with --to"):
        checkout(repository, "net", to=place, force=True)
    assert place.read_text() == "mine"


def test_a_part_of_a_file_is_refused(repository, tmp_path) -> None:
    """Files are written whole; how tensors are taken back is said."""
    with pytest.raises(InputError, match="checkout 'net::w' --as safetensors"):
        checkout(repository, "net::w", to=tmp_path / "out")
    assert not (tmp_path / "out").exists()
