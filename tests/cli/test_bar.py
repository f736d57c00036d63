"""The progress bar."""

from modelhub.cli.bar import RichBar


def test_draws_and_takes_itself_away(capfd) -> None:
    """It draws on stderr only."""
    bar = RichBar()
    bar.update("reading", 1, 10)
    bar.update("reading", 10, 10)
    bar.close()
    assert capfd.readouterr().out == ""
