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
        "a: {<<: [" + "{x: 1}, " * 1000 + "]}",
        "[" * 100_000,
        "a: " + "{a: " * 100_000,
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
        "a: \x00",
        "a: 'b",
        "a: " + "x" * 2_000_000,
    ],
)
def test_hostile_yaml(tmp_path, monkeypatch, text):
    """Depth, tags that do not fit: refused, and soon."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DamagedFileError):
        read(write(tmp_path, text, "a.yaml"))
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        bomb("{x: 1}", "{{p: {0}, q: {0}}}"),
        bomb("{}", "{{p: {0}, q: {0}}}"),
        bomb("{x: {y: 1}, z: {y: 1}}", "{{<<: [{0}, {0}], p: {0}, q: {0}}}"),
        "a: &a {b: *a, c: *a}",
        "a: &a !x {b: *a, c: *a}",
        "\n".join(f"k{i}: 1" for i in range(10_100)),
    ],
)
def test_what_multiplies_is_read_within_limits(tmp_path, text):
    """Aliases, tables that hold themselves, and very many settings; one line says so."""
    sink = Recording()
    settings.read(write(tmp_path, text, "a.yaml"), sink)
    assert len(sink.hyperparameters) <= 10_000
    (note,) = sink.notes
    assert "a.yaml has more than 10,000 settings" in note


def test_what_merge_keys_copy_is_counted(tmp_path):
    """Many tables made of a long one are refused before they take memory."""
    rows = [f"a0: &a0 {{{', '.join(f'k{i}: 1' for i in range(500))}}}"]
    rows += [f"b{i}: {{<<: *a0}}" for i in range(50)]
    with pytest.raises(DamagedFileError, match="more than"):
        read(write(tmp_path, "\n".join(rows), "a.yaml"))


def test_unknown_tags_are_as_if_they_were_not_there(tmp_path, monkeypatch):
    """What they stand before is read as plain data; nothing is looked up, built or called."""
    monkeypatch.chdir(tmp_path)
    text = """\
size: !!python/tuple [224, 224]
token: !ENV ${TOKEN}
lr: !Float 1e-4
text: !Text "12"
model: !Net {width: 3, act: !!python/name:torch.nn.ReLU ''}
empty: !Nothing
call: !!python/object/apply:os.system [touch hacked]
new: !!python/object/new:subprocess.Popen {args: [touch, hacked]}
"""
    assert read(write(tmp_path, text, "a.yaml")) == {
        "size": [224, 224],
        "token": "${TOKEN}",
        "lr": 1e-4,
        "text": "12",
        "model.width": 3,
        "model.act": "",
        "empty": None,
        "call": ["touch hacked"],
        "new.args": ["touch", "hacked"],
    }
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize("rest", ["b: 2", "b: [", "!x", "- *a"])
def test_the_first_of_several_documents_is_read(tmp_path, rest):
    """Whatever stands in the others; one line says that they are there."""
    sink = Recording()
    settings.read(write(tmp_path, f"---\na: 1\n---\n{rest}", "a.yaml"), sink)
    assert sink.hyperparameters == {"a": 1}
    assert [note.partition("a.yaml ")[2] for note in sink.notes] == [
        "holds several documents; only the first is read as settings"
    ]


def test_one_document_with_marks(tmp_path):
    """Its beginning and its end may be marked."""
    sink = Recording()
    settings.read(write(tmp_path, "---\na: 1\n...\n", "a.yaml"), sink)
    assert (sink.hyperparameters, sink.notes) == ({"a": 1}, [])


def test_the_names_of_many_classes_hide_no_settings(tmp_path):
    """A table that is too long is passed over, and what stands behind it is read."""
    names = {str(i): f"class {i} of many" for i in range(21_841)}
    config = {"dim": 1, "id2label": names, "label2id": {v: k for k, v in names.items()}, "z": 2}
    sink = Recording()
    settings.read(write(tmp_path, json.dumps(config), "config.json"), sink)
    assert sink.hyperparameters == {"dim": 1, "z": 2}
    (note,) = sink.notes
    assert note.endswith("not read as settings: 'id2label', 'label2id'")


def test_numbers_to_the_base_of_sixty_take_no_time(tmp_path):
    """They are texts."""
    text = "a: 1" + ":59" * 200_000
    assert read(write(tmp_path, text, "a.yaml"))["a"].startswith("1:59:59")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", "[" * 100_000),
        ("config.json", '{"a":' * 100_000),
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
