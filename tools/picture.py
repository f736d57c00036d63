"""Draw docs/pictures/demo.svg: the real output of commands on the repository that the demo left.

make demo && python tools/picture.py
"""

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
COMMANDS = ("dlv list", "dlv diff lenet lenet-head", "dlv du")
WIDTH = 150


def main() -> None:
    """Run the commands where the demo was, and export what they print."""
    console = Console(record=True, width=WIDTH, quiet=False, file=io.StringIO())
    for number, command in enumerate(COMMANDS):
        done = subprocess.run(
            [sys.executable, "-m", "modelhub.cli", *shlex.split(command)[1:]],
            cwd=ROOT / ".demo/work",
            env={**os.environ, "COLUMNS": str(WIDTH)},
            capture_output=True,
            text=True,
            check=True,
        )
        console.print(Text(("\n" if number else "") + f"$ {command}", style="bold green"))
        lines = [line[:WIDTH] for line in done.stdout.rstrip().splitlines()]
        console.print(Text("\n".join(lines)))
    # A picture asks for nothing from elsewhere: no fonts of others, the reader's own serve.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="dlv"), flags=re.DOTALL)
    svg = svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")
    svg = re.sub(r"<!--.*?-->", "", svg)
    (ROOT / "docs/pictures/demo.svg").write_text(svg)


if __name__ == "__main__":
    main()
