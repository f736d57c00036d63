"""The relations of the paper, Sec. III-A."""

from modelhub.dlv.catalog.schema import metadata


def test_the_relations_of_the_paper_are_there() -> None:
    """Versions with names and ids, lineage, snapshots, metadata, files."""
    relations = {"version", "parent", "snapshot", "snapshot_tensor", "version_file"}
    assert relations | {"metric", "hyperparameter", "tag", "alias"} <= set(metadata.tables)
