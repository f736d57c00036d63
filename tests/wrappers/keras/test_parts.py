"""Configurations, whatever wrote them."""

import pytest

from modelhub.wrappers.keras.parts import ConfigError, part_of, snake_case


def test_dtypes_of_a_mixed_policy() -> None:
    """It computes in half precision, and keeps variables in single."""
    policy = {"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}}
    part = part_of({"class_name": "Dense", "config": {"dtype": policy}})
    assert (part.compute_dtype, part.variable_dtype) == ("bfloat16", "float32")


@pytest.mark.parametrize("found", [1, None, [], {}, {"class_name": 3}])
def test_no_part(found) -> None:
    """What has no class is no layer."""
    with pytest.raises(ConfigError, match="no layer"):
        part_of(found)


def test_settings_of_another_type_are_not_taken() -> None:
    """The default stands in their place."""
    part = part_of({"class_name": "Dense", "config": {"units": "many", "use_bias": 1}})
    assert part.number("units", 5) == 5
    assert part.flag("use_bias", otherwise=True)


def test_names_of_instances() -> None:
    """As Keras makes them."""
    assert snake_case("GlobalAveragePooling2D") == "global_average_pooling2d"
