"""dlv init."""


def test_starts_a_repository_here_or_elsewhere(dlv, folder) -> None:
    """The folder is made if it is not there."""
    assert dlv("init").out == f"started a repository in {folder}/.dlv\n"
    assert dlv("init", "deep/er", "-q").out == f"{folder}/deep/er/.dlv\n"
    assert (folder / "deep/er/.dlv/format").read_text() == "dlv repository 1\n"


def test_a_second_time_is_a_conflict(dlv) -> None:
    """Nothing is changed."""
    dlv("init")
    again = dlv("init")
    assert again.status == 4
    assert "is a repository already" in again.err
