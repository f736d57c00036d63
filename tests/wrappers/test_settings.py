"""Settings files."""

import json

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.settings import wrapper as settings

SETTINGS = {
    "model": {"hidden_size": 768, "act": "gelu", "layers": [1, 2]},
    "lr": 1e-4,
    "amp": True,
    "resume": None,
}
FLAT = {
    "model.hidden_size": 768,
    "model.act": "gelu",
    "model.layers": [1, 2],
    "lr": 1e-4,
    "amp": True,
    "resume": None,
}
YAML = """\
model: &defaults
  hidden_size: 768
  act: gelu
  layers: [1, 2]
lr: 1e-4
amp: true
resume: ~
"""
TOML = """\
lr = 1e-4
amp = true
[model]
hidden_size = 768
act = "gelu"
layers = [1, 2]
"""


def write(folder, text, name):
    path = folder / name
    path.write_text(text)
    return path


def read(path):
    sink = Recording()
    settings.read(path, sink)
    return sink.hyperparameters


class TestSettings(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return settings

    def make_files(self, folder):
        return [
            write(folder, json.dumps(SETTINGS), "config.json"),
            write(folder, YAML, "train.yaml"),
            write(folder, TOML, "train.toml"),
        ]


def test_the_same_settings_in_each_form(tmp_path):
    """Nested names are joined by dots; lists of plain values are kept."""
    assert read(write(tmp_path, json.dumps(SETTINGS), "config.json")) == FLAT
    assert read(write(tmp_path, YAML, "a.yml")) == FLAT
    without = {key: value for key, value in FLAT.items() if key != "resume"}
    assert read(write(tmp_path, TOML, "a.toml")) == without


def test_yaml_without_its_traps(tmp_path):
    """`1e-4` is a number, `12:30` is none, dates are texts, merge keys merge."""
    text = """\
a: 1e-4
b: -2E3
c: 12:30
d: 2024-02-01
e: &e {x: 1, y: 2}
f: {<<: *e, y: 3}
g: {<<: [*e, {z: 4}]}
h: 0x10
i: 1_000
j: 1.5
k: .inf
1: one
2024-01-01: day
"""
    assert read(write(tmp_path, text, "a.yaml")) == {
        "a": 1e-4,
        "b": -2000.0,
        "c": "12:30",
        "d": "2024-02-01",
        "e.x": 1,
        "e.y": 2,
        "f.x": 1,
        "f.y": 3,
        "g.x": 1,
        "g.y": 2,
        "g.z": 4,
        "h": 16,
        "i": 1000,
        "j": 1.5,
        "k": float("inf"),
        "1": "one",
        "2024-01-01": "day",
    }


def bomb(inner, link, count=30):
    rows = [f"a0: &a0 {inner}"]
    rows += [f"a{i}: &a{i} {link.format(f'*a{i - 1}')}" for i in range(1, count)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    "text",
    [
        bomb("{x: 1}", "{{p: {0}, q: {0}}}"),
        bomb("{}", "{{p: {0}, q: {0}}}"),
        bomb("{x: 1}", "{{<<: [{0}, {0}, {0}, {0}], z: 1}}"),
        "a: &a {b: *a, c: *a}",
        "a: {<<: [" + "{x: 1}, " * 1000 + "]}",
        "[" * 100_000,
        "a: " + "{a: " * 100_000,
        "a: !!python/object/apply:os.system [touch hacked]",
        "a: !!int ''",
        "a: !!int x",
        "a: !!float ''",
        "a: !!bool x",
        "a: !!timestamp x",
        "a: 2024-13-45",
        "a: !!binary \u00e9",
        "? [a, b]\n: c",
        "? {a: b}\n: c",
        "&a [*b]",
        "a: " + "9" * 5000,
        "a: 1\n---\nb: 2",
        "a: \x00",
        "a: 'b",
        "\n".join(f"k{i}: 1" for i in range(10_100)),
        "a: " + "x" * 2_000_000,
    ],
)
def test_hostile_yaml(tmp_path, monkeypatch, text):
    """Aliases that multiply, depth, tags that call or do not fit: refused, and soon."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DamagedFileError):
        read(write(tmp_path, text, "a.yaml"))
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_numbers_to_the_base_of_sixty_take_no_time(tmp_path):
    """They are texts."""
    text = "a: 1" + ":59" * 200_000
    assert read(write(tmp_path, text, "a.yaml"))["a"].startswith("1:59:59")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", "[" * 100_000),
        ("config.json", '{"a":' * 100_000),
        ("config.json", '{"a":' * 50 + "1" + "}" * 50),
        ("config.json", "{"),
        ("config.json", '{"a": ' + "9" * 5000 + "}"),
        ("a.toml", "a = " + "[" * 100_000),
        ("a.toml", "a." * 20_000 + "a = 1"),
        ("a.toml", "[" + "a." * 20_000 + "a]"),
        ("a.toml", "a = 1\na = 2"),
        ("a.toml", "a = 2024-13-45"),
    ],
)
def test_hostile_json_and_toml(tmp_path, name, text):
    """Depth, and what is not valid."""
    with pytest.raises(DamagedFileError):
        read(write(tmp_path, text, name))


def test_numbers_that_are_too_large(tmp_path):
    """They are texts."""
    text = f"a = 0x{'f' * 5000}\nb = [0x{'f' * 5000}]\nc = {1 << 70}\nd = [[0x{'f' * 5000}]]"
    found = read(write(tmp_path, text, "a.toml"))
    assert found["c"] == hex(1 << 70)
    assert found["a"].startswith("0xfff")
    assert len(found["a"]) <= 1000
    assert found["b"][0].startswith("0xfff")


def test_settings_that_are_no_table(tmp_path):
    """They say nothing."""
    assert read(write(tmp_path, "[1, 2]", "config.json")) == {}
    assert read(write(tmp_path, "", "a.yaml")) == {}


def test_which_files_are_settings(tmp_path):
    """JSON by its usual names, but no project files."""
    for name in ("config.json", "Params.JSON", "a.yaml", "a.yml", "a.toml"):
        assert settings.claims(tmp_path / name), name
    for name in ("tokenizer.json", "pyproject.toml", "package.json", "a.txt"):
        assert not settings.claims(tmp_path / name), name


def test_not_unicode(tmp_path):
    """Settings are UTF-8."""
    (tmp_path / "a.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(DamagedFileError, match="not UTF-8"):
        read(tmp_path / "a.yaml")
