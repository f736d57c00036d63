import json
import platform

from click.testing import CliRunner

from modelhub._version import __version__
from modelhub.cli.application import application
from modelhub.cli.version import REPOSITORY_FORMAT
from modelhub.dlv.layout import FORMAT


def test_the_version_as_json() -> None:
    """A stable object."""
    result = CliRunner().invoke(application, ["version", "--json"])

    assert json.loads(result.output) == {
        "version": __version__,
        "repository_format": FORMAT,
        "python": platform.python_version(),
    }


def test_the_format_that_is_told_is_the_one_that_is_written() -> None:
    """The command does not load the repository to know its format."""
    assert REPOSITORY_FORMAT == FORMAT
