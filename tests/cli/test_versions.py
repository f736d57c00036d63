"""How versions are shown."""


def test_results_come_before_the_course_of_training(lenet, weights) -> None:
    """Test metrics first, the learning rate last, and no more than fit."""
    weights("m.safetensors", 5)
    numbers = ("lr=1", "loss=2", "val_loss=3", "test_f1=4")
    options = [word for number in numbers for word in ("--metric", number)]
    lenet("commit", "many", "m.safetensors", *options)
    assert "test_f1=4 val_loss=3 loss=2 …" in lenet("list", "many").out
