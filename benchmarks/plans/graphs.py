"""Seeded storage graphs: the paper's SD and RD, and dense ones that have no lineage.

SD is what the automatic modeler leaves: versions fine-tuned from versions, each with snapshots of
layers. Storage is in MB, recreation in ms. Ratios of stored to raw bytes are those measured on
float32 lineages: whole 0.84, adjacent snapshots 0.80 falling to 0.55, fine-tunes 0.60 to 0.80.
"""

from dataclasses import dataclass

import numpy as np

from modelhub.pas import EMPTY, GraphBuilder, StorageGraph

DECODE_WHOLE, DECODE_DELTA = 3.0, 0.9  # MB of raw bytes in a ms
VGG = [1.7e3, 37e3, 74e3, 148e3, 295e3, 590e3, 590e3, 1.18e6, *[2.36e6] * 5, 102.8e6, 16.8e6, 4.1e6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One SD or a variation of it (RD).

    Attributes:
        versions: each is fine-tuned from one before it.
        snapshots: of a version.
        layers: of a snapshot; the last one is new in each version.
        seed: of all random numbers.
        sizes: of layers: mixed (log-normal), even, or vgg (one layer has 74 %).
        delta: factor of all ratios of deltas.
        work: factor of the recreation of deltas.
        read: MB in a ms that the store gives.
        star: whether every snapshot has deltas against the latest of its version, too.
        siblings: latest snapshots of how many siblings have deltas against each other.
        group: what is read together: snapshot or version.
    """

    versions: int = 54
    snapshots: int = 10
    layers: int = 16
    seed: int = 0
    sizes: str = "mixed"
    delta: float = 1.0
    work: float = 1.0
    read: float = 0.5
    star: bool = False
    siblings: int = 2
    group: str = "snapshot"


class Modeler:
    """Makes the graph of some settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.random = np.random.default_rng(settings.seed)
        shape = settings.versions, settings.snapshots, settings.layers
        self.vertex = np.arange(np.prod(shape)).reshape(shape) + 1
        self.builder = GraphBuilder(self.vertex.size)
        self.parent = self._parents()
        self.raw = np.broadcast_to(self._layer_sizes(), shape).copy()
        self.raw[:, :, -1] *= np.exp(self.random.normal(0, 0.3, settings.versions))[:, None]
        self.effect = self.random.normal(0, 0.06, (settings.versions, 1, 1))
        self.effect = self.effect + self.random.normal(
            0, 0.03, (settings.versions, 1, settings.layers)
        )

    def graph(self) -> StorageGraph:
        """The whole: edges, and what is read together."""
        self._whole()
        near = self._adjacent()
        if self.settings.star:
            self._stars(near)
        self._fine_tunes()
        self._siblings()
        versions, snapshots, _ = self.vertex.shape
        for v in range(versions):
            if self.settings.group == "version":
                self.builder.snapshot(f"v{v:06}", self.vertex[v].ravel())
                continue
            for s in range(snapshots):
                self.builder.snapshot(f"v{v:06}/{s:03}", self.vertex[v, s])
        return self.builder.build()

    def _parents(self):
        parent = np.full(self.settings.versions, -1)
        for v in range(1, self.settings.versions):  # a recent version mostly, sometimes any
            is_recent = self.random.random() < 0.7
            parent[v] = self.random.integers(max(0, v - 8) if is_recent else 0, v)
        return parent

    def _layer_sizes(self):
        if self.settings.sizes == "vgg":
            return np.resize(np.array(VGG) * 4e-6, self.settings.layers)
        if self.settings.sizes == "even":
            return np.full(self.settings.layers, 4.0)
        return np.exp(self.random.normal(1.0, 0.8, self.settings.layers))

    def _noise(self, shape, sigma=0.03):
        return self.random.normal(0, sigma, shape)

    def _add(self, source, target, stored, raw, *, is_delta):
        source, target, stored, raw = (
            np.ravel(part) for part in np.broadcast_arrays(source, target, stored, raw)
        )
        speed = DECODE_DELTA if is_delta else DECODE_WHOLE
        seconds = stored / self.settings.read + raw / speed
        if is_delta:
            seconds = seconds * self.settings.work
        self.builder.add_many(source, target, storage=stored, recreation=seconds)

    def _both_ways(self, a, b, ratio, raw):
        stored = ratio * raw
        self._add(a, b, stored, raw, is_delta=True)
        self._add(b, a, stored, raw, is_delta=True)

    def _whole(self):
        versions, _, layers = self.vertex.shape
        ratio = np.clip(0.84 + self._noise((versions, 1, layers), 0.01), 0.6, 0.95)
        self._add(EMPTY, self.vertex, ratio * self.raw, self.raw, is_delta=False)

    def _adjacent(self):
        versions, snapshots, layers = self.vertex.shape
        later = np.linspace(0.80, 0.55, snapshots - 1)[None, :, None]
        ratio = later + self.effect + self._noise((versions, snapshots - 1, layers))
        ratio = np.clip(ratio, 0.02, 0.84) * self.settings.delta
        self._both_ways(self.vertex[:, :-1], self.vertex[:, 1:], ratio, self.raw[:, 1:])
        return ratio

    def _stars(self, near):
        gap = np.arange(self.settings.snapshots - 2, 0, -1)[None, :, None]
        ratio = np.clip(np.maximum(near[:, :-1], near[:, 1:]) + 0.012 * gap, 0, 0.85)
        self._both_ways(self.vertex[:, -1:], self.vertex[:, :-2], ratio, self.raw[:, :-2])

    def _fine_tunes(self):
        _, snapshots, layers = self.vertex.shape
        child = np.flatnonzero(self.parent >= 0)
        grows = np.linspace(0.60, 0.80, snapshots)[None, :, None]
        ratio = grows + self.effect[child] + self._noise((len(child), snapshots, layers))
        ratio = np.clip(ratio, 0.02, 0.86) * self.settings.delta
        base = np.broadcast_to(self.vertex[self.parent[child], -1:], ratio.shape)
        body = np.s_[:, :, :-1]
        self._both_ways(base[body], self.vertex[child][body], ratio[body], self.raw[child][body])

    def _siblings(self):
        known, pairs = {}, []
        for v in np.flatnonzero(self.parent >= 0):
            others = known.setdefault(self.parent[v], [])
            pairs += [(other, v) for other in others[-self.settings.siblings :]]
            others.append(v)
        a, b = np.array(pairs, int).reshape(-1, 2).T
        ratio = 0.76 + (self.effect[a] + self.effect[b])[:, 0] / 2
        ratio = ratio + self._noise(ratio.shape)
        ratio = np.clip(ratio, 0.02, 0.86) * self.settings.delta
        latest = self.vertex[:, -1, :-1]
        self._both_ways(latest[a], latest[b], ratio[:, :-1], self.raw[b, -1, :-1])


def sd(**settings: object) -> StorageGraph:
    """A graph of `Settings`."""
    return Modeler(Settings(**settings)).graph()


def dense(matrices: int, degree: int, snapshots: int, seed: int) -> StorageGraph:
    """Random points with deltas between neighbours; snapshots overlap; no lineage."""
    random = np.random.default_rng(seed)
    place, size = random.random((matrices, 2)), np.exp(random.normal(0, 0.5, matrices))
    builder = GraphBuilder(matrices)
    whole = 0.84 * size
    matrix = np.arange(1, matrices + 1)
    builder.add_many(
        np.zeros(matrices),
        matrix,
        storage=whole,
        recreation=whole * random.uniform(0.9, 1.1, matrices) + size * 0.2,
    )
    for v in range(matrices):
        away = np.hypot(*(place - place[v]).T)
        near = np.argsort(away)[1 : degree + 1]
        ratio = np.minimum(0.9, 0.15 + 1.2 * away[near]) * random.uniform(0.8, 1.2, len(near))
        for source, target in ((near, np.full(len(near), v)), (np.full(len(near), v), near)):
            stored = ratio * size[target] * random.uniform(0.95, 1.05, len(near))
            seconds = stored * random.uniform(0.9, 1.1, len(near)) + size[target] * 0.4
            builder.add_many(source + 1, target + 1, storage=stored, recreation=seconds)
    for at, members in enumerate(np.array_split(random.permutation(matrix), snapshots)):
        more = random.integers(1, matrices + 1, int(0.1 * len(members) + 0.5))
        builder.snapshot(f"s{at:05}", {*members.tolist(), *more.tolist()})
    return builder.build()
