"""dlv completion: print what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from modelhub.cli.examples import examples

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        "# for bash, in ~/.bashrc",
        'eval "$(dlv completion bash)"',
        "# for zsh, in ~/.zshrc",
        'eval "$(dlv completion zsh)"',
        "# for fish",
        "dlv completion fish > ~/.config/fish/completions/dlv.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that completes dlv's commands and options in SHELL."""
    found = get_completion_class(shell)
    assert found is not None, "click completes each of these shells"
    completion = found(context.find_root().command, {}, "dlv", "_DLV_COMPLETE")
    # `source` of the class would start a shell to ask for its version.
    click.echo(completion.source_template % completion.source_vars())
