"""Why there is nothing."""

from modelhub.dql import query


def test_the_condition_that_removed_the_last_is_named(models) -> None:
    """With how many were left before it."""
    text = 'select m where m.name like "alexnet%" and m.accuracy > 0.85 and m.accuracy < 0.5'
    assert query(models, text).notes == [
        "1 of the versions match what stands before, none of them m.accuracy < 0.5"
    ]


def test_what_would_match_is_named(models) -> None:
    """One step does not skip an activation; a pool of another kind is no MAX pool."""
    found = query(models, 'select m where m["conv"].next has POOL("MAX")')
    assert found.notes[-1] == ('2 versions match with: m["conv"].next via (RELU) has POOL("MAX")')
    found = query(models, 'select m where m["relu"].next has POOL("L2")')
    assert found.notes[-1] == '3 versions match with: m["relu"].next has POOL'


def test_rows_need_no_reason(models) -> None:
    """Nor does an empty page of a full result."""
    assert query(models, "select m").notes == []
    assert query(models, "select m where m.number = 1 limit 0").notes == []
