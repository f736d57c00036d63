"""Revisions: how versions, snapshots and tensors are called (docs/spec/revisions.md).

`parse` reads the text and asks nobody; `resolve` finds the version, and asks a `Names`.
"""

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from modelhub.dlv.versions import VersionRef
from modelhub.errors import AmbiguousError, InputError, NotFoundError, UsageError

LATEST, BEST = "latest", "best"
MAX_NAME, MAX_SNAPSHOT, MAX_DIGITS, MIN_PREFIX = 128, 255, 18, 4

NAME_RULE = (
    f"a name has 1 to {MAX_NAME} characters of A-Z a-z 0-9 . _ - + /, does not start or end "
    "with / . or -, and has no empty part and no part . or .. between slashes"
)
TAG_RULE = (
    f"a tag or alias has 1 to {MAX_NAME} characters of A-Z a-z 0-9 . _ - +, does not start or "
    f"end with . or -, is no number, and is not {LATEST} or {BEST}"
)
SNAPSHOT_RULE = (
    f"a snapshot's name has 1 to {MAX_SNAPSHOT} characters, none of # : @ ~ ^, no control or "
    "formatting characters, and does not start or end with a blank or /"
)

_NAME = re.compile(r"[A-Za-z0-9_+](?:[A-Za-z0-9._+/-]*[A-Za-z0-9_+])?")
_NAME_CHARACTERS = re.compile(r"[A-Za-z0-9._+/-]*")
_LABEL = re.compile(r"[A-Za-z0-9_+](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+])?")
_LABEL_CHARACTERS = re.compile(r"[^/~^#:@]*")
_NUMBER = re.compile(r"[0-9]+")
_STEP = re.compile(r"([~^])([0-9]*)")
_ID_PREFIX = re.compile(rf"[0-9a-fA-F]{{{MIN_PREFIX},64}}")
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, formatting (bidi), surrogates, separators

_SHOWN = 5  # candidates in a message
_SHOWN_TEXT = 60  # characters of a wrong text in a message
_LESS_IS_BETTER = {
    *("loss", "error", "err", "perplexity", "ppl", "wer", "cer", "mse", "rmse", "mae", "fid"),
    *("nll", "bpb", "bpc", "eer", "mape", "divergence"),
}
_MORE_IS_BETTER = {
    *("accuracy", "acc", "f1", "auc", "auroc", "map", "iou", "miou", "dice", "bleu", "rouge"),
    *("score", "reward", "precision", "recall", "r2", "top", "psnr", "ssim", "return"),
}


def check_name(name: str) -> str:
    """The name as it is, if a model may be called so (docs/spec/manifest.md §1).

    Raises:
        InputError: says the rule.
    """
    parts = name.split("/")
    if (
        len(name) > MAX_NAME
        or not _NAME.fullmatch(name)
        or any(part in {"", ".", ".."} for part in parts)
    ):
        raise InputError(f"{_shown(name)} cannot be a model's name: {NAME_RULE}")
    return name


def check_tag(tag: str) -> str:
    """The tag or alias as it is, if a version may be called so (docs/spec/revisions.md §2).

    Raises:
        InputError: says the rule.
    """
    if (
        len(tag) > MAX_NAME
        or not _LABEL.fullmatch(tag)
        or _NUMBER.fullmatch(tag)
        or tag in {LATEST, BEST}
    ):
        raise InputError(f"{_shown(tag)} cannot be a tag or alias: {TAG_RULE}")
    return tag


def check_snapshot(name: str) -> str:
    """The name as it is, if a snapshot may be called so (docs/spec/revisions.md §2).

    Raises:
        InputError: says the rule.
    """
    if (
        not 0 < len(name) <= MAX_SNAPSHOT
        or any(c in "#:@~^" or unicodedata.category(c) in _HIDDEN for c in name)
        or name != name.strip()
        or name != name.strip("/")
    ):
        raise InputError(f"{_shown(name)} cannot be a snapshot's name: {SNAPSHOT_RULE}")
    return name


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN_TEXT else repr(text[:_SHOWN_TEXT]) + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A revision as it was written; `str` gives its canonical form. Made by `parse`.

    Attributes:
        name: a model's name; or the first digits of a version id, if there is no selector.
        selector: a version number, a tag, an alias, `latest` or `best`; None means the latest.
        steps: ways up the lineage, in order: `("~", n)` is n times the first parent,
            `("^", n)` is the n-th parent; 0 stays where it is.
        snapshot: a snapshot of the version, by its name.
        step: a snapshot of the version, by its training step.
        tensors: a pattern of tensor names, as of `fnmatch`.
    """

    name: str
    selector: int | str | None = None
    steps: tuple[tuple[str, int], ...] = ()
    snapshot: str | None = None
    step: int | None = None
    tensors: str | None = None

    @property
    def id_prefix(self) -> str | None:
        """The lower-case digits, if this may be the beginning of a version id."""
        is_prefix = self.selector is None and _ID_PREFIX.fullmatch(self.name)
        return self.name.lower() if is_prefix else None

    def __str__(self) -> str:
        selector = "" if self.selector is None else f"@{self.selector}"
        steps = "".join(f"{way}{count}" for way, count in self.steps)
        snapshot = "" if self.snapshot is None else f"/{self.snapshot}"
        step = "" if self.step is None else f"#step={self.step}"
        tensors = "" if self.tensors is None else f"::{self.tensors}"
        return f"{self.name}{selector}{steps}{snapshot}{step}{tensors}"


def parse(text: str) -> Revision:
    """Read a revision.

        revision = name [("@" | ":") selector] {("~" | "^") [number]}
                   ["/" snapshot | "#step=" number] ["::" pattern]
        selector = number | tag | alias | "latest" | "best"

    `/` begins a snapshot only after a selector, `~` or `^`; before, it belongs to the name.

    Raises:
        InputError: says the first wrong character and the rule it breaks.

    >>> parse("lenet@2/step-100::layer*.weight").snapshot
    'step-100'
    >>> str(parse("org/lenet:champion~^2"))
    'org/lenet@champion~1^2'
    """
    head, colons, tensors = text.partition("::")
    if colons and not tensors:
        raise _wrong(text, len(text), "a pattern of tensor names follows ::")
    name, at = _parse_name(text, head)
    selector, at = _parse_selector(text, head, at)
    steps, at = _parse_steps(text, head, at)
    snapshot, step = _parse_snapshot(text, head, at)
    return Revision(
        name=name,
        selector=selector,
        steps=steps,
        snapshot=snapshot,
        step=step,
        tensors=tensors or None,
    )


def _wrong(text: str, at: int, rule: str) -> InputError:
    return InputError(f"the revision {_shown(text)} is wrong at character {at + 1}: {rule}")


def _parse_name(text: str, head: str) -> tuple[str, int]:
    found = _NAME_CHARACTERS.match(head)
    name = found[0] if found else ""
    try:
        return check_name(name), len(name)
    except InputError:
        raise _wrong(text, 0, NAME_RULE) from None


def _parse_selector(text: str, head: str, at: int) -> tuple[int | str | None, int]:
    if head[at : at + 1] not in {"@", ":"}:
        return None, at
    found = _LABEL_CHARACTERS.match(head, at + 1)
    label = found[0] if found else ""
    end = at + 1 + len(label)
    if _NUMBER.fullmatch(label):
        return _number(text, label, at + 1), end
    try:
        return label if label in {LATEST, BEST} else check_tag(label), end
    except InputError:
        rule = f"a version number, {LATEST}, {BEST}, a tag or an alias follows; {TAG_RULE}"
        raise _wrong(text, at + 1, rule) from None


def _number(text: str, digits: str, at: int) -> int:
    if len(digits) > MAX_DIGITS:
        raise _wrong(text, at, f"a number has at most {MAX_DIGITS} digits")
    return int(digits)


def _parse_steps(text: str, head: str, at: int) -> tuple[tuple[tuple[str, int], ...], int]:
    steps = []
    while found := _STEP.match(head, at):
        steps.append((found[1], _number(text, found[2] or "1", at + 1)))
        at = found.end()
    return tuple(steps), at


def _parse_snapshot(text: str, head: str, at: int) -> tuple[str | None, int | None]:
    rest = head[at:]
    if not rest:
        return None, None
    if rest.startswith("/"):
        try:
            return check_snapshot(rest[1:]), None
        except InputError:
            raise _wrong(text, at + 1, SNAPSHOT_RULE) from None
    if rest.startswith("#"):
        digits = rest.removeprefix("#step=")
        if not _NUMBER.fullmatch(digits):
            raise _wrong(text, at, "a training step is written #step=1000")
        return None, _number(text, digits, at + len("#step="))
    raise _wrong(
        text,
        at,
        "expected nothing more, @ or : and a version, ~ or ^ and a number, / and a snapshot "
        "(after a version), #step= and a number, or :: and a pattern of tensors",
    )


class Names(Protocol):
    """Where revisions are looked up: each question is one narrow query.

    A version that was removed is not there. `latest` to `parents` are asked on the way;
    `models`, `labels` and `metrics` only for the candidates in an error.
    """

    def latest(self, name: str, /) -> VersionRef | None:
        """The version of the name with the greatest number."""

    def numbered(self, name: str, number: int, /) -> VersionRef | None:
        """The version `name@number`."""

    def labelled(self, name: str, label: str, /) -> VersionRef | None:
        """The version of the name that has this tag or, if none has, this alias."""

    def with_id(self, prefix: str, limit: int, /) -> Sequence[VersionRef]:
        """At most `limit` versions whose id begins with these lower-case digits."""

    def parents(self, version: VersionRef, /) -> Sequence[VersionRef | None]:
        """The parents, the first one first; None in the place of one that is gone."""

    def measured(self, name: str, metric: str, /) -> Iterable[tuple[VersionRef, float]]:
        """The versions of the name that have the metric, with its value, annotated or not."""

    def models(self) -> Sequence[str]:
        """The names of all models."""

    def labels(self, name: str, /) -> Sequence[str]:
        """The tags and aliases of the name."""

    def metrics(self, name: str, /) -> Sequence[str]:
        """The metrics that any version of the name has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestRule:
    """What `@best` means: the settings `best.metric` and `best.mode`.

    Attributes:
        metric: a metric's name; empty if none was chosen.
        mode: `min`, `max`, or `auto`: less is better for losses and errors, more for scores.
    """

    metric: str = ""
    mode: str = "auto"


def resolve(names: Names, revision: Revision | str, *, best: BestRule | None = None) -> VersionRef:
    """The version that a revision names; its snapshot and tensors are not looked at.

    Raises:
        InputError: the text is no revision.
        NotFoundError: there is no such version; says what there is instead.
        AmbiguousError: several version ids begin with the digits; lists them.
        UsageError: `@best`, and nobody said by which metric, or which way is better.
    """
    if isinstance(revision, str):
        revision = parse(revision)
    version = _start(names, revision, best or BestRule())
    for step in revision.steps:
        version = _climb(names, version, step)
    return version


def _start(names: Names, revision: Revision, best: BestRule) -> VersionRef:
    name, selector = revision.name, revision.selector
    latest = names.latest(name)
    if latest is None:
        return _by_id(names, revision)
    if selector is None or selector == LATEST:
        return latest
    if selector == BEST:
        return _best(names, name, best)
    if isinstance(selector, int):
        found = names.numbered(name, selector)
        if found is None:
            raise NotFoundError(
                f"{name} has no version {selector}; the latest is {latest}, "
                f"see all with: dlv log {name}"
            )
        return found
    found = names.labelled(name, selector)
    if found is None:
        known = [*names.labels(name), LATEST, BEST]
        raise NotFoundError(
            f"{name} has no tag or alias {selector!r}; {candidates(selector, known)}"
        )
    return found


def _by_id(names: Names, revision: Revision) -> VersionRef:
    prefix = revision.id_prefix
    found = [] if prefix is None else names.with_id(prefix, _SHOWN + 1)
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(f"{ref} ({ref.id[:12]})" for ref in found[:_SHOWN])
        more = " and more" if len(found) > _SHOWN else ""
        raise AmbiguousError(
            f"the ids of several versions begin with {prefix}: {shown}{more}; give more digits"
        )
    digits = "" if prefix is None else " and no version id begins so"
    hint = candidates(revision.name, names.models())
    raise NotFoundError(f"no model is called {revision.name!r}{digits}; {hint}")


def _climb(names: Names, version: VersionRef, step: tuple[str, int]) -> VersionRef:
    way, count = step
    if way == "^":
        return _parent(names, version, count) if count else version
    for _ in range(count):
        version = _parent(names, version, 1)
    return version


def _parent(names: Names, version: VersionRef, nth: int) -> VersionRef:
    parents = names.parents(version)
    if nth > len(parents):
        raise NotFoundError(
            f"{version}^{nth} is not there: {version} has {len(parents) or 'no'} "
            f"parent{'' if len(parents) == 1 else 's'}; see its lineage with: dlv log {version}"
        )
    parent = parents[nth - 1]
    if parent is None:
        raise NotFoundError(
            f"{version}^{nth} was removed; see what is left with: dlv log {version}"
        )
    return parent


def _best(names: Names, name: str, rule: BestRule) -> VersionRef:
    if not rule.metric:
        raise UsageError(
            f"{name}@{BEST} needs a metric to go by; "
            "choose one with: dlv config best.metric val_loss"
        )
    sign = 1.0 if is_less_better(rule) else -1.0
    measured = [
        (sign * value, version.number, version)
        for version, value in names.measured(name, rule.metric)
        if not math.isnan(value)
    ]
    if not measured:
        hint = candidates(rule.metric, names.metrics(name))
        raise NotFoundError(f"no version of {name} has the metric {rule.metric!r}; {hint}")
    return min(measured, key=lambda each: each[:2])[2]


def is_less_better(rule: BestRule) -> bool:
    """Whether the smaller value of the metric is the better one.

    Raises:
        UsageError: the mode is `auto` and the metric's name does not tell.
    """
    if rule.mode != "auto":
        return rule.mode == "min"
    words = re.split(r"[^a-z0-9]+", rule.metric.lower())
    for word in reversed(words):  # the last word says what is measured: accuracy_loss
        kinds = {word, word.rstrip("0123456789")}  # top5, map50
        if kinds & _LESS_IS_BETTER or word.endswith("loss"):
            return True
        if kinds & _MORE_IS_BETTER:
            return False
    raise UsageError(
        f"whether more or less of the metric {rule.metric!r} is better is not known; "
        "say so with: dlv config best.mode max"
    )


def choose_snapshot(
    revision: Revision, version: VersionRef, snapshots: Sequence[tuple[str, int | None]]
) -> str | None:
    """The name of the snapshot that a revision names, or None if it names none.

    Args:
        revision: what is asked for.
        version: what it resolved to.
        snapshots: names and training steps of the version's snapshots.

    Raises:
        NotFoundError: the version has no such snapshot; says which it has.
        AmbiguousError: several snapshots are of that step.
    """
    names = [name for name, _ in snapshots]
    if revision.snapshot is not None:
        if revision.snapshot not in names:
            hint = candidates(revision.snapshot, names)
            raise NotFoundError(f"{version} has no snapshot {revision.snapshot!r}; {hint}")
        return revision.snapshot
    if revision.step is None:
        return None
    found = [name for name, step in snapshots if step == revision.step]
    if not found:
        steps = sorted({step for _, step in snapshots if step is not None})
        near = sorted(sorted(steps, key=lambda s: abs(s - (revision.step or 0)))[:_SHOWN])
        hint = f"the nearest are {', '.join(map(str, near))}" if near else "no step is known"
        raise NotFoundError(f"{version} has no snapshot of step {revision.step}; {hint}")
    if len(found) > 1:
        raise AmbiguousError(
            f"{version} has several snapshots of step {revision.step}: {', '.join(found)}; "
            f"name one, as in {version}/{found[0]}"
        )
    return found[0]


def choose_tensors(revision: Revision, names: Sequence[str]) -> list[str]:
    """The tensors whose names match the revision's pattern, in their order; all without one.

    A name that equals the pattern is meant literally, whatever else would match.

    Raises:
        NotFoundError: none matches.
    """
    pattern = revision.tensors
    if pattern is None:
        return list(names)
    found = [pattern] if pattern in names else [n for n in names if fnmatchcase(n, pattern)]
    if not found:
        raise NotFoundError(f"no tensor matches {pattern!r}; {candidates(pattern, names)}")
    return found


def candidates(word: str, known: Sequence[str]) -> str:
    """What to say instead of an unknown word: those like it, or else the first few."""
    close = difflib.get_close_matches(word, known, n=3)
    if close:
        return f"did you mean {' or '.join(map(_plain, close))}?"
    if not known:
        return "there are none yet"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"there are: {', '.join(map(_plain, known[:_SHOWN]))}{more}"


def _plain(name: str) -> str:
    """Names from data stand in messages as they are, unless they could mislead a terminal."""
    return name if name.isprintable() else repr(name)
