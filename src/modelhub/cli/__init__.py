"""The command line: it parses, calls one function of `modelhub.dlv`, and prints the answer."""

from modelhub.cli.start import main

__all__ = ["main"]
