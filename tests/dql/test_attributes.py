"""What is known of versions and nodes."""

import pytest

from modelhub.errors import QueryError

ONE = 'where m.name = "alexnet_a"'


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("m.name", "alexnet_a"),
        ("m.number", 1),
        ("m.version", "alexnet_a@1"),
        ("m.message", "the first"),
        ("m.tags", "v1"),
        ("m.accuracy", 0.9),
        ("m.base_lr", 0.1),
        ("m.solver.type", "SGD"),
        ('m.metrics["loss"]', 0.3),
        ('m.hyperparameters["solver.type"]', "SGD"),
        ("m.snapshots", 1),
        ("m.n_params", 8 * 4 * 9 + 8 + 64 * 128 + 1),
        ("m.layers", 7),
        ("m.dialect", "aten"),
        ("m.parent", None),
        ('m["conv"].template', "CONV"),
        ('m["conv"].kind', "2D"),
        ('m["conv"].kernel_size', 3),
        ('m["conv"].weight.shape', [8, 4, 3, 3]),
        ('m.tensors["fc.weight"].dtype', "float32"),
        ("m.input.name", "image"),
        ("m.output", "output"),
    ],
)
def test_a_fact_has_a_name(rows, what: str, value: object) -> None:
    """Each is read from the catalog; what is not known is null."""
    [[found]] = rows(f"select {what} {ONE}")
    assert found == value


@pytest.mark.parametrize(
    ("what", "value"),
    [("min", 0.25), ("max", 0.5), ("first", 0.5), ("last", 0.25)],
)
def test_a_metric_has_a_course(rows, what: str, value: float) -> None:
    """Over the snapshots of a version, by step."""
    assert rows(f'select m.metrics["val_loss"].{what} where m.name = "course"') == [[value]]


def test_a_metric_at_a_step(rows) -> None:
    """Where no snapshot has that step, nothing is known."""
    text = 'select m.metrics["val_loss"][10], m.metrics["val_loss"][15] where m.name = "course"'
    assert rows(text) == [[0.5, None]]


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        ('m.metrics["val_loss"].mean', "min, .max, .first"),
        ('m["conv"].weight.colour', "there are: dtype"),
    ],
)
def test_an_unknown_part_says_which_there_are(rows, what: str, hint: str) -> None:
    """The statistics of tensors and courses are fixed."""
    with pytest.raises(QueryError, match=hint):
        rows(f'select {what} where m.name = "course" or m.name = "alexnet_a"')
