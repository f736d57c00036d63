"""`python -m modelhub.cli` is `dlv`."""

from modelhub.cli import main

main()
