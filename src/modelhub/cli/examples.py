"""Examples at the end of a command's help, all in one form."""


def examples(*lines: str) -> str:
    """The epilog of a command: lines that can be typed as they are.

    Comments begin with `#` and stand on lines of their own.
    """
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
