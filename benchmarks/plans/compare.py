"""The default plan against the better of PAS-MT and PAS-PT, on seeds that nothing was tuned on.

python benchmarks/plans/compare.py [sd | size MATRICES EFFORT | online]

Process CPU seconds. Cases where both of the paper's plans break a budget are counted and shown.
"""

import resource
import sys
import time

import numpy as np
from graphs import dense, sd

from modelhub.pas import UNPLACED, Effort, Objective, Retrieval, optimize, place

HELD_OUT = range(100, 103)
SUMMED = (Retrieval.INDEPENDENT, Retrieval.PARALLEL)


def timed(graph, objective, optimizer="prices"):
    before = time.process_time()
    plan = optimize(graph, objective, optimizer=optimizer)
    return plan, time.process_time() - before


def case(graph, objective):
    """Storage over the better of theirs, the gap, seconds; None for the first if both fail."""
    ours, seconds = timed(graph, objective)
    assert ours.is_within
    theirs = [optimize(graph, objective, optimizer=name) for name in ("pas-mt", "pas-pt")]
    within = [plan.storage for plan in theirs if plan.is_within]
    return (ours.storage / min(within) if within else None), ours.gap, seconds


def table(name, cases):
    found = [case(*each) for each in cases]
    ratios = np.array([ratio for ratio, *_ in found if ratio is not None])
    gaps, seconds = np.array([gap for _, gap, _ in found]), [each[2] for each in found]
    failed = len(found) - len(ratios)
    print(
        f"| {name} | {len(found)} | {failed} | {ratios.mean():.4f} | {ratios.max():.4f} "
        f"| {100 * gaps.mean():.2f} % | {100 * gaps.max():.2f} % | {np.mean(seconds):.2f} |",
        flush=True,
    )


def head():
    print(
        "| graphs | cases | both of theirs fail | mean of ours / theirs | worst | mean gap "
        "| worst gap | CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|")


def over_sd(versions=18):
    head()
    for retrieval in SUMMED:
        for sizes in ("mixed", "even", "vgg"):
            graphs = [sd(versions=versions, sizes=sizes, seed=seed) for seed in HELD_OUT]
            cases = [
                (graph, Objective(retrieval=retrieval, alpha=alpha))
                for graph in graphs
                for alpha in (1.3, 1.6, 2.2)
            ]
            table(f"SD {160 * versions:,} {sizes}, {retrieval}", cases)
    for delta in (0.5, 0.25):
        graphs = [sd(versions=versions, delta=delta, seed=seed) for seed in HELD_OUT]
        table(f"deltas × {delta}, independent", [(g, Objective(alpha=1.6)) for g in graphs])
    for retrieval in SUMMED:
        graphs = [dense(300, 6, 30, seed) for seed in HELD_OUT]
        objectives = [Objective(retrieval=retrieval, alpha=alpha) for alpha in (1.3, 1.6, 2.2)]
        table(f"dense 300, {retrieval}", [(g, o) for g in graphs for o in objectives])
        graphs = [sd(versions=versions, group="version", seed=seed) for seed in HELD_OUT]
        table(f"group = version, {retrieval}", [(g, o) for g in graphs for o in objectives[1:2]])


def over_size(matrices, effort):
    graph = sd(versions=matrices // 160, seed=100)
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    for retrieval in SUMMED:
        objective = Objective(retrieval=retrieval, alpha=1.6, effort=Effort(effort))
        plan, seconds = timed(graph, objective)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"| {graph.matrices:,} / {len(graph.given):,} | {retrieval} | {effort} "
            f"| {plan.storage:.0f} | {plan.bound:.0f} | {100 * plan.gap:.2f} % | {seconds:.2f} "
            f"| {peak:.2f} GB (graph {size:.2f}) | {plan.is_within} |",
            flush=True,
        )


def online():
    """The last snapshot of SD arrives in a plan of all others."""
    graph = sd(seed=100)
    objective = Objective(alpha=1.6)
    full = optimize(graph, objective)
    chosen = full.given.copy()
    latest = graph.member[graph.start[-2] : graph.start[-1]]
    lost = np.flatnonzero(np.isin(full.base, latest))
    chosen[lost] = lost  # the first edges that were added store all whole
    chosen[latest - 1] = UNPLACED
    for kicks in (0, 100):
        before = time.process_time()
        plan = place(graph, chosen, objective, kicks=kicks)
        seconds = time.process_time() - before
        print(f"kicks {kicks}: {1000 * seconds:.1f} ms, {plan.storage / full.storage - 1:+.4%}")


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "sd"
    if what == "size":
        over_size(int(sys.argv[2]), sys.argv[3])
    elif what == "online":
        online()
    else:
        over_sd()
