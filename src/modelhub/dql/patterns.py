"""Patterns of `like`: `%` is any text, `_` one character; no pattern is slow."""


def like(text: str, pattern: str, escape: str = "\\") -> bool:
    r"""Whether a text is of a pattern; capitals count.

    >>> like("alexnet-1", "alexnet_%"), like("alexnet-1", r"alexnet\_%")
    (True, False)
    """
    tokens: list[str | None] = []  # None: any text; "": one character
    is_escaped = False
    for char in pattern:
        if not is_escaped and char == escape:
            is_escaped = True
            continue
        wildcard = not is_escaped and char in "%_"
        tokens.append((None if char == "%" else "") if wildcard else char)
        is_escaped = False
    return _matches(text, tokens)


def _matches(text: str, tokens: list[str | None]) -> bool:
    place = token = 0
    back, resume = -1, 0
    while place < len(text):
        if token < len(tokens) and tokens[token] in ("", text[place]):
            place, token = place + 1, token + 1
        elif token < len(tokens) and tokens[token] is None:
            back, resume = token, place
            token += 1
        elif back >= 0:
            resume += 1
            place, token = resume, back + 1
        else:
            return False
    return all(each is None for each in tokens[token:])
