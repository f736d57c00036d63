"""How differences are shown."""

from dataclasses import replace

from modelhub.dlv.operations.diff import ChangedCourse, ChangedValue, Difference, NetworkDifference
from modelhub.dlv.pages.differences import compared_page, difference_page
from modelhub.dlv.tensor_changes import ChangedTensor
from modelhub.dlv.versions import VersionRef
from modelhub.network import ChangedAttribute, NetworkChange
from modelhub.pages import Look, Section, as_text

A, B, C = (VersionRef(id=letter * 64, name=letter, number=1) for letter in "abc")
EMPTY = Difference(
    before=A,
    after=B,
    snapshots=("last", "last"),
    files=[],
    tensors=[],
    tensors_same=0,
    hyperparameters=[],
    metrics=[],
    courses=[],
    network=None,
)
WIDER = NetworkChange(
    kind="resized",
    before="conv1",
    after="conv1",
    attributes=[ChangedAttribute(name="out_channels", before=20, after=32)],
)
NETWORK = NetworkDifference(before="1", after="2", is_partial=False, changes=[WIDER], layers_same=7)
TENSOR = ChangedTensor(
    name="w", change="changed", before="f", after="f", relative_change=0.125, share_read=0.5
)


def shown(found: Difference) -> str:
    return "\n".join(as_text(list(difference_page(found)), Look()))


def test_nothing() -> None:
    """Is said."""
    assert shown(EMPTY) == "a@1 → b@1\nnothing differs"


def test_changes_of_the_network() -> None:
    """Which layer, and what of it."""
    text = shown(replace(EMPTY, network=NETWORK))

    assert "conv1  resized  out_channels 20 → 32" in text
    assert "7 layers are the same" in text


def test_what_differs_in_training() -> None:
    """Beside the rest; and why it was not compared, where it was not."""
    head = NetworkChange(kind="inserted", before=None, after="aux")
    network = replace(NETWORK, training=[head], training_gap="its mode is asked for")
    text = shown(replace(EMPTY, network=network))

    assert "aux    inserted in training" in text
    assert "as they train they were not compared: its mode is asked for" in text


def test_many_renamed_layers_are_one_row() -> None:
    """With their number."""
    change = NetworkChange(kind="renamed", before="enc", after="body", layers=24)
    text = shown(replace(EMPTY, network=replace(NETWORK, changes=[change], is_partial=True)))

    assert "enc → body  renamed  24 layers" in text
    assert "partial" in text


def test_a_network_that_is_not_known() -> None:
    """Which of the two."""
    text = shown(replace(EMPTY, network=replace(NETWORK, after=None)))

    assert "the network of the second is not known" in text


def test_estimates_are_marked() -> None:
    """What was read whole is not."""
    whole = replace(TENSOR, name="v", share_read=1.0)
    text = shown(replace(EMPTY, tensors=[TENSOR, whole]))

    assert "~0.125" in text
    assert " 0.125" in text


def test_curves_of_all_versions_are_overlaid() -> None:
    """One that went as the first did shows its curve; settings are not drawn."""
    course = ChangedCourse(name="loss", before=[(0, 3.0), (1, 2.0)], after=[(0, 3.0), (1, 1.0)])
    setting = replace(course, name="lr")
    page = compared_page([replace(EMPTY, courses=[course, setting]), replace(EMPTY, after=C)])
    (section,) = (each for each in page if isinstance(each, Section))
    (plot,) = section.blocks

    assert [(each.label, each.points[-1][1]) for each in plot.curves] == [
        ("a@1", 2.0),
        ("b@1", 1.0),
        ("c@1", 2.0),
    ]


def test_a_version_without_a_log_has_no_curve() -> None:
    """And points alone are no course."""
    one = ChangedCourse(name="loss", before=[], after=[(0, 3.0), (1, 1.0)])
    (section,) = list(difference_page(replace(EMPTY, courses=[one])))[1:]
    assert [each.label for each in section.blocks[0].curves] == ["b@1"]

    lone = replace(one, after=[(0, 1.0)])
    assert len(list(difference_page(replace(EMPTY, courses=[lone])))) == 1


def test_several_versions_have_a_column_each() -> None:
    """What one of them shares with the first stands there, too."""
    one = replace(EMPTY, metrics=[ChangedValue(name="loss", before=0.5, after=0.25)])
    other = replace(EMPTY, after=C, tensors=[TENSOR], network=NETWORK)
    text = "\n".join(as_text(list(compared_page([one, other])), Look()))

    assert "a@1 → b@1, c@1" in text
    assert "loss  0.5  0.25  0.5" in text
    assert "w       same             ~0.125 ██████████" in text
    assert "Network of c@1" in text


def test_several_versions_that_are_the_same() -> None:
    """Are said to be."""
    page = list(compared_page([EMPTY, replace(EMPTY, after=C)]))

    assert page[-1] == "nothing differs"
