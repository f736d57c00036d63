"""Renames with one cause are one."""

from modelhub.network.renames import Renaming, group_renames


def groups(*pairs: tuple[str, str]) -> list[tuple[str, str, int, bool]]:
    renames = [Renaming(a, b, i) for i, (a, b) in enumerate(pairs)]
    return [(g.before, g.after, g.count, g.is_shift) for g in group_renames(renames)]


def test_one_rename_is_itself() -> None:
    """Even if only its number changed."""
    assert groups(("conv1", "conv2")) == [("conv1", "conv2", 1, False)]
    assert groups(("a.conv", "b.conv")) == [("a.conv", "b.conv", 1, False)]


def test_numbers_that_moved_by_the_same_amount_are_a_shift() -> None:
    """By another amount, or at another path, they are others."""
    assert groups(("f.3", "f.4"), ("f.4", "f.5"), ("g.1", "g.3"), ("f.9", "f.8")) == [
        ("f.3…4", "f.4…5", 2, True),
        ("g.1", "g.3", 1, False),
        ("f.9", "f.8", 1, False),
    ]


def test_layers_of_a_module_that_was_renamed() -> None:
    """The longest part that they share is what is left of the name."""
    assert groups(("enc.0.fc", "body.0.fc"), ("enc.1.fc", "body.1.fc"), ("x", "y")) == [
        ("enc", "body", 2, False),
        ("x", "y", 1, False),
    ]
