"""The text form of protocol buffers."""

import pytest

from modelhub.wrappers.caffe_network.prototxt import TextError, parse_prototxt


def value(text: str):
    return parse_prototxt(f"a: {text}").value("a")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", 1),
        ("-7", -7),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e-4", 1e-4),
        ("2.f", 2.0),
        (".5", 0.5),
        ("true", True),
        ("MAX", "MAX"),
        ('"text"', "text"),
        ("'it is \"so\"'", 'it is "so"'),
        (r'"a\"b\n\x41\101\\"', 'a"b\nAA\\'),
        ('"one " "two"', "one two"),
        ('"# no comment"', "# no comment"),
        ("1e999", "1e999"),
        ("9" * 50, "9" * 50),
        ("inf", "inf"),
    ],
)
def test_scalars(text, found):
    """Numbers, words and texts."""
    assert value(text) == found
    assert type(value(text)) is type(found)


def test_messages_and_rows():
    """Both brackets, with and without a colon; rows, repeated fields, separators, comments."""
    found = parse_prototxt(
        """
        m { x: 1 }  # a comment with { and "
        m: < x: 2 >,
        n: [ { x: 3 }, { x: 4 } ];
        r: [1, 2] r: 3
        e {}
        """
    )

    assert [each.value("x") for each in found.messages("m") + found.messages("n")] == [1, 2, 3, 4]
    assert found.numbers("r") == [1, 2, 3]
    assert found.first("e").fields == {}
    assert found.first("absent").text("x") == ""
    assert found.number("absent", 5) == 5
    assert found.text("r") == "3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "has no value"),
        ("a: }", "is no value"),
        ("a {\n\n", "'}' is missing, in line 3"),
        ("a: 1 }", "is no field"),
        ("a: §", "'§' has no meaning"),
        ('a: "\n"', "has no meaning, in line 1"),
        ("a: [1 2]", "',' is missing"),
        ("a [1]", "has no value"),
        ("a {" * 60, "nested deeper than 50"),
        ("a:", "the text ends"),
        (": 1", "is no field"),
        ("a < x: 1 }", "is no field|is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, said):
    """Texts that end too early, stand in the wrong place, or have no meaning."""
    with pytest.raises(TextError, match=said):
        parse_prototxt(text)


def test_long_texts_take_linear_time():
    """Neither brackets nor backslashes nor blanks are looked at twice."""
    for text in ('a: "' + "\\\\" * 200_000 + '"', " " * 400_000, "#" * 400_000, "a: 1 " * 60_000):
        parse_prototxt(text)
    with pytest.raises(TextError):
        parse_prototxt('a: "' + "\\" * 400_001)
