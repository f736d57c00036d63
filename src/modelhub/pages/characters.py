"""Which characters may be shown, and how wide a text is."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, formatting (bidi), surrogates, separators
_ZERO_WIDTH = {"Mn", "Me"}
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LATIN, _BASIC_PLANE = 0x100, 0x10000


def visible(text: str) -> str:
    r"""Text from data, with characters that could mislead a terminal written as escapes.

    >>> visible("a\x1b[31m\n\u202eb")
    'a\\x1b[31m\\n\\u202eb'
    """
    if text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < _LATIN:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _BASIC_PLANE else f"\\U{code:08x}"


def cells(text: str) -> int:
    """How many columns of a terminal a visible text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


def _cell(character: str) -> int:
    if unicodedata.category(character) in _ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def shortened(text: str, width: int) -> str:
    """The beginning of a text, with `…` for what does not fit in `width` columns."""
    if len(text) <= width and (text.isascii() or cells(text) <= width):
        return text
    if text.isascii():
        return text[: width - 1] + "…"
    kept, used = [], 1
    for character in text:
        used += _cell(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"
