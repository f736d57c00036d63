"""Write docs/reference/cli.md from the commands' own help; `--check` only compares.

python tools/cli_reference.py [--check]
"""

import os
import sys
from pathlib import Path

import click

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "cli.md"
HEAD = """# Commands

Made from the commands' own help by `tools/cli_reference.py`; a test fails if it is stale.
Every command takes `--help`; the JSON of `--json` is described in [json.md](json.md).
"""


def page() -> str:
    """The whole page."""
    os.environ["COLUMNS"] = "100"
    os.environ["TERMINAL_WIDTH"] = "100"
    # The width is read when the module is loaded.
    from modelhub.cli.application import COMMANDS, application

    parts = [HEAD, "## dlv\n", fenced(application, "dlv")]
    for section, commands in COMMANDS.items():
        parts.append(f"## {section}\n")
        for name in commands:
            context = click.Context(application, info_name="dlv")
            command = application.get_command(context, name)
            assert command is not None
            parts += [f"### dlv {name}\n", fenced(command, f"dlv {name}")]
    return "\n".join(parts)


def fenced(command: click.Command, name: str) -> str:
    """A command's help as a block that does not run."""
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
    return f"```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text() != text and f"{PAGE} is stale; run tools/cli_reference.py")
    PAGE.write_text(text)
