"""Options of the form `name=value`."""

import json
from typing import Any

import click


class Assignment(click.ParamType[tuple[str, Any]]):
    """`name=value`; the value is read as a number, a truth value or a text."""

    name = "name=value"

    def __init__(self, kind: str) -> None:
        """Take values of a kind: "number", "setting" or "text"."""
        self.kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """Split, and read the value."""
        name, sign, text = str(value).partition("=")
        if not name or not sign:
            self.fail(f"{value!r} is not of the form name=value", param, ctx)
        if self.kind == "text":
            return name, text
        if self.kind == "setting":
            return name, setting(text)
        try:
            return name, float(text)
        except ValueError:
            self.fail(f"{text!r} is no number; write {name}=0.5", param, ctx)


def setting(text: str) -> Any:
    """What a hyperparameter's text means: JSON scalars as themselves, all else as text.

    >>> setting("0.1"), setting("true"), setting("adam")
    (0.1, True, 'adam')
    """
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, int | float | bool) else text


NUMBER = Assignment("number")
SETTING = Assignment("setting")
TEXT = Assignment("text")
