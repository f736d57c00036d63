"""What the catalog knows, read once."""

from modelhub.dql.facts import Facts


def test_lineage_goes_all_the_way(models) -> None:
    """By ids."""
    facts = Facts(models.catalog)
    ids = {ref: id_ for id_, ref in facts.refs.items()}
    assert facts.ancestors(ids["alexnet-c@1"]) == {ids["alexnet_a@1"], ids["alexnet_b@1"]}
    assert facts.ancestors(ids["alexnet_a@1"]) == set()


def test_names_that_are_known_anywhere(models) -> None:
    """By kind."""
    names = Facts(models.catalog).names
    assert names["metrics"] >= {"accuracy", "loss"}
    assert names["hyperparameters"] == {"base_lr", "solver.type"}


def test_a_graph_is_that_of_the_catalog(models) -> None:
    """Layers, edges and aliases; read once."""
    facts = Facts(models.catalog)
    id_ = next(iter(facts.networks))
    graph = facts.graph(id_)
    assert graph.layers.next["relu"] == ["block.pool", "add"]
    assert graph.layers.previous["add"] == ["relu", "block.pool"]
    assert graph.aliases["block.pool"] == "pool1"
    assert facts.graph(id_) is graph
    assert facts.graph("nothing") is None


def test_the_course_of_a_metric(models) -> None:
    """(step, value) by version."""
    [course] = Facts(models.catalog).course("val_loss").values()
    assert course == [(10, 0.5), (20, 0.25)]
