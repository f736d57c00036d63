import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.revisions import (
    BestRule,
    Revision,
    candidates,
    check_name,
    check_snapshot,
    check_tag,
    choose_snapshot,
    choose_tensors,
    is_less_better,
    parse,
    resolve,
)
from modelhub.dlv.versions import VersionRef
from modelhub.errors import AmbiguousError, InputError, NotFoundError, UsageError
from modelhub.values import VersionId

SPEC = Path(__file__).parents[2] / "docs/spec/revisions.md"


def ref(name: str, number: int, prefix: str = "") -> VersionRef:
    return VersionRef(id=VersionId(prefix.ljust(64, "0")), name=name, number=number)


@dataclass
class Lineage:
    """Names in memory: what a catalog answers, without one."""

    versions: Sequence[VersionRef] = ()
    known_labels: dict[tuple[str, str], VersionRef] = field(default_factory=dict)
    lineage: dict[str, Sequence[VersionRef | None]] = field(default_factory=dict)
    values: dict[tuple[str, str], list[tuple[VersionRef, float]]] = field(default_factory=dict)

    def latest(self, name: str) -> VersionRef | None:
        own = [each for each in self.versions if each.name == name]
        return max(own, key=lambda each: each.number, default=None)

    def numbered(self, name: str, number: int) -> VersionRef | None:
        own = [each for each in self.versions if (each.name, each.number) == (name, number)]
        return own[0] if own else None

    def labelled(self, name: str, label: str) -> VersionRef | None:
        return self.known_labels.get((name, label))

    def with_id(self, prefix: str, limit: int) -> Sequence[VersionRef]:
        return [each for each in self.versions if each.id.startswith(prefix)][:limit]

    def parents(self, version: VersionRef) -> Sequence[VersionRef | None]:
        return self.lineage.get(version.id, ())

    def measured(self, name: str, metric: str) -> Iterable[tuple[VersionRef, float]]:
        return self.values.get((name, metric), ())

    def models(self) -> Sequence[str]:
        return sorted({each.name for each in self.versions})

    def labels(self, name: str) -> Sequence[str]:
        return sorted(label for owner, label in self.known_labels if owner == name)

    def metrics(self, name: str) -> Sequence[str]:
        return sorted(metric for owner, metric in self.values if owner == name)


ONE, TWO, THREE = ref("lenet", 1, "aaaa1"), ref("lenet", 2, "aaaa2"), ref("lenet", 3, "bbbb3")
FORK, HEX = ref("org/fork", 1, "cccc"), ref("bbbb", 1, "dddd")
NAMES = Lineage(
    versions=[ONE, TWO, THREE, FORK, HEX],
    known_labels={("lenet", "v1.0"): TWO, ("lenet", "champion"): ONE},
    lineage={TWO.id: [ONE], THREE.id: [TWO, FORK], FORK.id: [None]},
    values={
        ("lenet", "val_loss"): [(ONE, 0.5), (TWO, float("nan")), (THREE, 0.25)],
        ("lenet", "accuracy"): [(ONE, 0.9), (TWO, 0.9), (THREE, 0.8)],
    },
)

names = st.from_regex(r"[a-z0-9_+]([a-zA-Z0-9_+.-]{0,9}[a-z0-9_+])?", fullmatch=True).filter(
    lambda text: text not in {".", ".."}
)
labels = names.filter(lambda text: not text.isdigit() and text not in {"latest", "best"})
snapshots = st.text(min_size=1, max_size=12).filter(lambda text: accepts(check_snapshot, text))
numbers = st.integers(0, 10**18 - 1)
steps = st.lists(st.tuples(st.sampled_from("~^"), numbers), max_size=3).map(tuple)


def accepts(check, text: str) -> bool:
    try:
        check(text)
    except InputError:
        return False
    return True


@st.composite
def revisions(draw: st.DrawFn) -> Revision:
    selector = draw(
        st.none() | st.integers(0, 10**18 - 1) | labels | st.sampled_from(["latest", "best"])
    )
    ways = draw(steps)
    kind = draw(st.sampled_from(["", "snapshot", "step"]))
    if kind == "snapshot" and selector is None and not ways:
        kind = ""
    return Revision(
        name="/".join(draw(st.lists(names, min_size=1, max_size=3))),
        selector=selector,
        steps=ways,
        snapshot=draw(snapshots) if kind == "snapshot" else None,
        step=draw(numbers) if kind == "step" else None,
        tensors=draw(st.none() | st.text(min_size=1, max_size=10)),
    )


@given(revisions())
def test_a_revision_written_and_read_is_the_same(revision: Revision) -> None:
    """Parsing the canonical form gives the revision back."""
    assert parse(str(revision)) == revision


@given(st.text(max_size=40) | st.text("ab/@:~^#.0159step=*[", max_size=30))
def test_any_text_is_a_revision_or_refused(text: str) -> None:
    """No text raises anything but InputError; one that is accepted has a stable form."""
    try:
        revision = parse(text)
    except InputError:
        return
    assert parse(str(revision)) == revision


@given(st.text(max_size=100))
def test_a_refusal_is_one_printable_line(text: str) -> None:
    """Whatever is in the text, the message cannot mislead a terminal."""
    with pytest.raises(InputError) as caught:
        parse("#" + text)
    assert str(caught.value).isprintable()


def _spec_rows() -> list[list[str]]:
    rows = SPEC.read_text().partition("## 5.")[2].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if "`" in row]
    return [row for row in cells if len(row) == 7]


@pytest.mark.parametrize("row", _spec_rows(), ids=lambda row: row[0])
def test_the_examples_of_the_specification(row: list[str]) -> None:
    """Each row of the table of examples reads as the table says."""
    text, canonical, name, selector, ways, snapshot, tensors = row

    revision = parse(text.strip("`"))

    assert str(revision) == canonical.strip("`")
    assert f"`{revision.name}`" == name.partition(" ")[0]
    assert str("" if revision.selector is None else revision.selector) == selector.strip("`")
    assert "".join(f"{way}{count}" for way, count in revision.steps) == re.sub("[` ]", "", ways)
    shown = f"of step {revision.step}" if revision.step is not None else revision.snapshot or ""
    assert shown == snapshot.strip("`")
    assert (revision.tensors or "") == tensors.strip("`")


def test_the_specification_has_examples() -> None:
    """The table above is not empty, and neither is the list of refused texts."""
    assert len(_spec_rows()) == 10
    assert len(_refused()) == 11


def _refused() -> list[str]:
    return re.findall(r"`([^`]+)`", SPEC.read_text().partition("Refused:")[2])


@pytest.mark.parametrize("text", ["", *_refused()])
def test_what_the_specification_refuses(text: str) -> None:
    """The error names the text, a place and a rule."""
    with pytest.raises(InputError, match=r"the revision .* is wrong at character \d+: \w+"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [("lenet@@", 7), ("lenet@3/", 9), ("lenet@3 ", 7), ("lenet~9" + "9" * 18, 7), ("a::", 4)],
)
def test_the_error_points_at_the_first_wrong_character(text: str, place: int) -> None:
    """Characters are counted from one."""
    with pytest.raises(InputError, match=f"at character {place}:"):
        parse(text)


@pytest.mark.parametrize("name", ["a", "org/le.net-5_x+y", "A/b/c", "3", "x" * 128, "a/.b"])
def test_names_that_are_allowed(name: str) -> None:
    """A name within the rule is returned as it is."""
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "/a", "a/", "a//b", "..", "a/../b", "a/./b", ".a", "-a", "a-", "a.", "a b", "a\n"),
        *("x" * 129, "a@b", "a:b", "a~b", "a^b", "a#b", "a\\b", "a\x00", "é"),
    ],
)
def test_names_that_are_refused(name: str) -> None:
    """The message says the rule."""
    with pytest.raises(InputError, match="cannot be a model's name: a name has 1 to 128"):
        check_name(name)


@pytest.mark.parametrize("tag", ["v1.0", "champion", "1.0", "x" * 128])
def test_tags_that_are_allowed(tag: str) -> None:
    """A tag within the rule is returned as it is."""
    assert check_tag(tag) == tag


@pytest.mark.parametrize("tag", ["", "7", "latest", "best", "a/b", "-a", "a b", "a\n", "x" * 129])
def test_tags_that_are_refused(tag: str) -> None:
    """What would hide a number, `latest`, `best` or a snapshot is no tag."""
    with pytest.raises(InputError, match="is no number, and is not latest or best"):
        check_tag(tag)


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "/a", "a/", "a#b", "a:b", "a\n", "\u202ea", "\ud800"]
)
def test_snapshot_names_that_are_refused(name: str) -> None:
    """What a revision could not say, or a terminal would twist, is no snapshot's name."""
    with pytest.raises(InputError, match="cannot be a snapshot's name"):
        check_snapshot(name)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("lenet", THREE),
        ("lenet@latest", THREE),
        ("lenet@1", ONE),
        ("lenet@v1.0", TWO),
        ("lenet:champion", ONE),
        ("lenet~2", ONE),
        ("lenet@3~1", TWO),
        ("lenet^2", FORK),
        ("lenet^^", ONE),
        ("lenet@2~0^0", TWO),
        ("aaaa2", TWO),
        ("AAAA2~", ONE),
        ("bbbb", HEX),
        ("bbbb3", THREE),
        ("lenet@2/step-100::conv*", TWO),
    ],
)
def test_what_a_revision_resolves_to(text: str, version: VersionRef) -> None:
    """A name wins over an id that begins so; steps go up the lineage."""
    assert resolve(NAMES, text) == version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lennet", "no model is called 'lennet'; did you mean lenet"),
        ("eeee", "no model is called 'eeee' and no version id begins so; there are: bbbb, lenet"),
        ("aaaa2@1", "no model is called 'aaaa2'"),
        ("lenet@7", "lenet has no version 7; the latest is lenet@3"),
        ("lenet@chapmion", "no tag or alias 'chapmion'; did you mean champion"),
        ("lenet~3", "lenet@1\\^1 is not there: lenet@1 has no parents"),
        ("lenet@2^2", "lenet@2\\^2 is not there: lenet@2 has 1 parent;"),
        ("org/fork~", "org/fork@1\\^1 was removed"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(text: str, message: str) -> None:
    """An unknown part of a revision is answered by the candidates for it."""
    with pytest.raises(NotFoundError, match=message):
        resolve(NAMES, text)


def test_an_ambiguous_prefix_lists_the_versions() -> None:
    """Digits that begin several ids are refused, with the versions they fit."""
    with pytest.raises(AmbiguousError, match=r"lenet@1 \(aaaa1.*lenet@2 \(aaaa2.*more digits"):
        resolve(NAMES, "aaaa")


def test_many_ambiguous_ids_are_not_all_listed() -> None:
    """A prefix of a thousand versions is told in one line."""
    crowd = Lineage(versions=[ref("m", n, f"aaaa{n:04}") for n in range(1000)])

    with pytest.raises(AmbiguousError, match=r"m@4 .* and more; give more digits"):
        resolve(crowd, "aaaa")


@pytest.mark.parametrize(
    ("metric", "mode", "version"),
    [("val_loss", "auto", THREE), ("val_loss", "max", ONE), ("accuracy", "auto", ONE)],
)
def test_the_best_version_goes_by_the_metric(metric: str, mode: str, version: VersionRef) -> None:
    """NaN is never best; of equal values the smaller number is."""
    assert resolve(NAMES, "lenet@best", best=BestRule(metric=metric, mode=mode)) == version


def test_best_without_a_metric_says_how_to_choose_one() -> None:
    """There is no guess at what best means."""
    with pytest.raises(UsageError, match=r"dlv config best.metric"):
        resolve(NAMES, "lenet@best")


def test_best_by_an_unknown_metric_names_the_known_ones() -> None:
    """A metric that no version has is answered by those like it."""
    with pytest.raises(NotFoundError, match="metric 'accurcy_'; did you mean accuracy"):
        resolve(NAMES, "lenet@best", best=BestRule(metric="accurcy_", mode="max"))


@pytest.mark.parametrize(
    ("metric", "is_less"),
    [
        *(("loss", True), ("eval/valloss", True), ("test.RMSE", True), ("accuracy_loss", True)),
        *(("top5", False), ("f1", False), ("loss_f1", False)),
    ],
)
def test_which_way_a_metric_is_better(metric: str, is_less: bool) -> None:  # noqa: FBT001 - a table's column
    """The last word that is known decides."""
    assert is_less_better(BestRule(metric=metric)) is is_less


def test_a_metric_that_does_not_tell_is_asked_about() -> None:
    """An unknown metric needs best.mode."""
    with pytest.raises(UsageError, match=r"dlv config best.mode max"):
        is_less_better(BestRule(metric="certainty"))


SNAPSHOTS = [("step-100", 100), ("step-200", 200), ("ema-200", 200), ("final", None)]


@pytest.mark.parametrize(
    ("text", "name"), [("a", None), ("a@1/final", "final"), ("a#step=100", "step-100")]
)
def test_the_snapshot_that_is_named(text: str, name: str | None) -> None:
    """A snapshot is named by its name or by its step."""
    assert choose_snapshot(parse(text), ONE, SNAPSHOTS) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a@1/fnal", "lenet@1 has no snapshot 'fnal'; did you mean final"),
        ("a#step=150", "no snapshot of step 150; the nearest are 100, 200"),
    ],
)
def test_an_unknown_snapshot(text: str, message: str) -> None:
    """The snapshots that are there are named."""
    with pytest.raises(NotFoundError, match=message):
        choose_snapshot(parse(text), ONE, SNAPSHOTS)


def test_two_snapshots_of_one_step() -> None:
    """A step that fits several snapshots is refused, with their names."""
    with pytest.raises(AmbiguousError, match="step-200, ema-200"):
        choose_snapshot(parse("a#step=200"), ONE, SNAPSHOTS)


def test_a_step_of_a_version_that_knows_none() -> None:
    """Snapshots without steps are not nearest to anything."""
    with pytest.raises(NotFoundError, match="no step is known"):
        choose_snapshot(parse("a#step=1"), ONE, [("final", None)])


@pytest.mark.parametrize(
    ("text", "found"),
    [("a", ["w", "w[0]", "W"]), ("a::w*", ["w", "w[0]"]), ("a::w[0]", ["w[0]"]), ("a::W", ["W"])],
)
def test_the_tensors_that_match(text: str, found: list[str]) -> None:
    """Case matters, and a literal name is taken literally."""
    assert choose_tensors(parse(text), ["w", "w[0]", "W"]) == found


def test_no_tensor_matches() -> None:
    """The names like the pattern are offered."""
    with pytest.raises(NotFoundError, match=r"no tensor matches 'conv1.weigt'; did you mean conv1"):
        choose_tensors(parse("a::conv1.weigt"), ["conv1.weight", "conv1.bias"])


def test_candidates_are_few_and_cannot_mislead() -> None:
    """At most five are listed, and hidden characters are shown."""
    assert candidates("zz", list("abcdefg")) == "there are: a, b, c, d, e and 2 more"
    assert candidates("ab", ["a\u202eb"]) == "did you mean 'a\\u202eb'?"
    assert candidates("a", []) == "there are none yet"
