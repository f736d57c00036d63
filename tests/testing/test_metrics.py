"""Our metrics keep the contract, and it finds those that break it."""

import math

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.evaluation import METRICS, Scored, metric
from modelhub.testing import MetricContract

OF_NUMBERS = ("mae", "mse", "rmse")


class TestOfClasses(MetricContract):
    """Those that measure scores of classes."""

    @pytest.fixture(autouse=True, params=[*(n for n in METRICS if n not in OF_NUMBERS), "top3"])
    def name(self, request):
        self.called = request.param

    def make_metric(self):
        return metric(self.called)


class TestOfNumbers(MetricContract):
    """Those that measure differences."""

    @pytest.fixture(autouse=True, params=OF_NUMBERS)
    def name(self, request):
        self.called = request.param

    def make_metric(self):
        return metric(self.called)

    def make_scored(self):
        random = np.random.default_rng(2)
        return Scored(outputs=random.normal(size=(40, 3)), labels=random.normal(size=(40, 3)))


class Share:
    """The share of right ones, kept as it should be."""

    def __init__(self):
        self.right = self.count = 0

    def update(self, scored):
        self.right += int((scored.named == scored.wanted).sum())
        self.count += len(scored.wanted)

    def value(self):
        return self.right / self.count if self.count else math.nan


class Hopeful(Share):
    def value(self):
        return self.right / max(1, self.count)


class OfBatches(Share):
    """The mean of the batches' shares."""

    def update(self, scored):
        self.right += float((scored.named == scored.wanted).mean())
        self.count += 1


class Shared(Share):
    latest = math.nan

    def update(self, scored):
        super().update(scored)
        Shared.latest = self.right / self.count

    def value(self):
        return Shared.latest


class Writing(Share):
    def update(self, scored):
        scored.outputs.sort(axis=1)
        super().update(scored)


class CountingAll(Share):
    def update(self, scored):
        self.right += int((scored.outputs.argmax(1) == scored.labels).sum())
        self.count += len(scored.labels)


class Strict(Share):
    def update(self, scored):
        if not np.isfinite(scored.outputs).all():
            raise InputError("outputs are not finite")
        super().update(scored)


class Wordy(Share):
    def value(self):
        return np.float32(super().value())


class Patient(Share):
    def update(self, scored):
        try:
            super().update(scored)
        except InputError:
            return


class TestShare(MetricContract):
    """A metric that keeps the contract passes."""

    def make_metric(self):
        return Share()


@pytest.mark.parametrize(
    ("test", "broken"),
    [
        ("test_nothing_is_no_number", Hopeful),
        ("test_its_value_is_a_number", Wordy),
        ("test_it_does_not_matter_how_examples_are_cut", OfBatches),
        ("test_each_counts_for_itself", Shared),
        ("test_what_it_is_given_stays", Writing),
        ("test_ignored_examples_do_not_count", CountingAll),
        ("test_broken_outputs_are_measured", Strict),
        ("test_what_it_does_not_measure_is_refused", Patient),
    ],
)
def test_what_breaks_the_contract_fails(test, broken):
    """Each of its tests can fail."""
    contract = TestShare()
    contract.make_metric = broken
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        getattr(contract, test)()
