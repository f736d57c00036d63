"""Where the process begins: Ctrl-C is heard while the command line itself is loaded."""

import sys
from collections.abc import Sequence
from importlib import import_module


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `dlv` and exit with its status.

    Args:
        arguments: instead of those of the process.
    """
    try:
        application = import_module("modelhub.cli.application")
    except KeyboardInterrupt:
        sys.stderr.write("dlv: interrupted\n")
        sys.exit(130)
    sys.exit(application.run(list(sys.argv[1:] if arguments is None else arguments)))
