"""dlv fsck."""

import shutil


def objects(folder):
    return sorted(p for p in (folder / ".dlv/objects").rglob("*") if p.is_file())


def flip(path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_sound_repository(lenet) -> None:
    """It says how much was checked."""
    assert lenet("fsck").out == "clean: checked 3 objects and 3 versions\n"


def test_damage_is_named_and_healed(lenet, folder, tmp_path) -> None:
    """Object, versions hit, what to do; a copy of the repository heals it."""
    shutil.copytree(folder, tmp_path / "backup")
    for path in objects(folder):
        flip(path)
    done = lenet("fsck")
    assert done.status == 5
    assert "versions: " in done.out
    assert "--repair --from" in done.out
    healed = lenet("fsck", "--repair", "--from", str(tmp_path / "backup"))
    assert (healed.status, "healed" in healed.out) == (0, True)
    assert lenet("fsck").status == 0


def test_the_catalog_is_made_again(lenet, folder) -> None:
    """Without it every command says how; afterwards all is there."""
    listed = lenet("list").out
    for path in folder.glob(".dlv/catalog.db*"):
        path.unlink()
    assert "dlv fsck --rebuild" in lenet("list").err
    assert "made the catalog again: 3 versions from 3 objects" in lenet("fsck", "--rebuild").out
    assert lenet("list").out == listed


def test_wrong_usage(lenet) -> None:
    """Repairing needs a source."""
    assert lenet("fsck", "--repair").status == 2
    assert lenet("fsck", "--rebuild", "--from", ".").status == 2
