"""Caffe's training logs: loss, learning rate and test outputs by iteration."""

import re
from pathlib import Path

from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.texts import head_of, lines

MAX_LINE = 1000  # characters that are looked at; patterns may take the square of them
_NUMBER = r"([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf))"
_SPEAKER = re.compile(
    rb"^[IWEF]\d{4,8} \S+ +\d+ (caffe|solver|sgd_solver|net|parallel|upgrade_proto|layer_factory)"
    rb"\.cpp:\d+\]",
    re.MULTILINE,
)
_ITERATION = re.compile(r"\bIteration (\d{1,15})\b")
_LOSS = re.compile(rf"\bIteration \d+.*?, loss = {_NUMBER}")
_RATE = re.compile(rf"\bIteration \d+, lr = {_NUMBER}")
_OUTPUT = re.compile(rf"\b(Test|Train) net output #\d+: (\S+) = {_NUMBER}")
_SOLVER = re.compile(
    r"^(base_lr|momentum|weight_decay|gamma|power|lr_policy|max_iter|stepsize): (.+)$"
)


class CaffeLog:
    """Reads logs in which glog's lines tell of solver.cpp."""

    name = "caffe"

    def claims(self, path: Path) -> bool:
        """By the name, and by who speaks in the first lines."""
        if path.suffix.lower() not in ("", ".log", ".txt", ".out") and ".log." not in path.name:
            return False
        return _SPEAKER.search(head_of(path)) is not None

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Numbers at their iteration, the solver's settings; a last line may be half written."""
        iteration = 0.0
        for _, whole, is_ended in lines(path):
            if not is_ended:
                return  # Half of a number would be another number.
            line = whole.strip()[:MAX_LINE]
            found = _ITERATION.search(line)
            if found:
                iteration = float(found[1])
            for name, pattern in (("loss", _LOSS), ("lr", _RATE)):
                value = pattern.search(line)
                if value:
                    sink.metric(name, float(value[1]), step=iteration)
            output = _OUTPUT.search(line)
            if output:
                sink.metric(f"{output[1].lower()}_{output[2]}", float(output[3]), step=iteration)
            setting = _SOLVER.match(line)
            if setting:
                sink.hyperparameter(setting[1], _setting(setting[2]))


def _setting(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip('"')


wrapper = CaffeLog()
