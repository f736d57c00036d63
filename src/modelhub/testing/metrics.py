"""What every `modelhub.evaluation.Metric` does."""

import math

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.evaluation import Metric, Scored

IGNORED = -100  # a label that does not count, as in PyTorch
SIZES = (1, 7, 64)  # of batches
CLOSE = 1e-9  # relative; sums in another order


class MetricContract:
    """Inherit, define `make_metric`, and run it with pytest.

    A metric of other things than classes defines `make_scored`, too.
    """

    def make_metric(self) -> Metric:
        """A fresh one."""
        raise NotImplementedError

    def make_scored(self) -> Scored:
        """Outputs and labels that it measures, of some dozens of examples; scores by default."""
        random = np.random.default_rng(5)
        return Scored(
            outputs=random.normal(size=(64, 7)).astype(np.float32),
            labels=random.integers(0, 7, 64),
        )

    def test_nothing_is_no_number(self) -> None:
        """Before anything counted, the value is NaN."""
        assert math.isnan(self.make_metric().value())

    def test_its_value_is_a_number(self) -> None:
        """A float, the same each time it is asked for."""
        found = self.make_metric()
        found.update(self.make_scored())

        assert isinstance(found.value(), float)
        assert math.isfinite(found.value())
        assert found.value() == found.value()

    def test_it_does_not_matter_how_examples_are_cut(self) -> None:
        """Batches of any size give one value, to the last digits."""
        scored = self.make_scored()
        wanted = self.make_metric()
        wanted.update(scored)
        for size in SIZES:
            found = self.make_metric()
            for start in range(0, len(scored.labels), size):
                found.update(_rows(scored, slice(start, start + size)))

            assert math.isclose(found.value(), wanted.value(), rel_tol=CLOSE), size

    def test_each_counts_for_itself(self) -> None:
        """A fresh one knows nothing of what others were given."""
        self.make_metric().update(self.make_scored())

        assert math.isnan(self.make_metric().value())

    def test_what_it_is_given_stays(self) -> None:
        """Outputs and labels are not written to."""
        scored = self.make_scored()
        outputs, labels = scored.outputs.copy(), scored.labels.copy()
        for array in (scored.outputs, scored.labels):
            array.setflags(write=False)
        self.make_metric().update(scored)

        assert np.array_equal(scored.outputs, outputs)
        assert np.array_equal(scored.labels, labels)

    def test_ignored_examples_do_not_count(self) -> None:
        """Of classes, those labelled -100."""
        scored = self.make_scored()
        if scored.labels.dtype.kind not in "iu":
            return  # it does not measure classes
        labels = scored.labels.copy()
        labels[::2] = IGNORED
        found, wanted = self.make_metric(), self.make_metric()
        found.update(Scored(outputs=scored.outputs, labels=labels))
        wanted.update(_rows(scored, slice(1, None, 2)))

        assert math.isclose(found.value(), wanted.value(), rel_tol=CLOSE)

    def test_broken_outputs_are_measured(self) -> None:
        """NaN and infinity among the outputs give some float, and no error."""
        scored = self.make_scored()
        outputs = scored.outputs.copy()
        outputs[0], outputs[1] = np.nan, np.inf
        found = self.make_metric()
        found.update(Scored(outputs=outputs, labels=scored.labels))

        assert isinstance(found.value(), float)

    def test_what_it_does_not_measure_is_refused(self) -> None:
        """Labels of a shape that has nothing to do with the outputs' are told in one line."""
        misfit = Scored(outputs=np.zeros((4, 3), np.float32), labels=np.zeros((4, 7, 2)))
        with pytest.raises(InputError) as caught:
            self.make_metric().update(misfit)

        assert "\n" not in str(caught.value)


def _rows(scored: Scored, rows: slice) -> Scored:
    return Scored(
        outputs=scored.outputs[rows],
        labels=scored.labels[rows],
        has_probabilities=scored.has_probabilities,
    )
