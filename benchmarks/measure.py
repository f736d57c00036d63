"""Whole processes, measured from outside: wall time, CPU time, peak memory; A B A B."""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process: seconds by the clock, seconds of all cores, peak resident bytes."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def run(command: Sequence[str], folder: Path, **environment: str) -> Run:
    """Run a command in a folder; its output is kept for the case that it fails.

    Python keeps compiled modules, as it does for whoever installs the package: a shell that
    forbids it would make every start compile everything.
    """
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            stdout=output,
            stderr=output,
            env={**inherited, **environment},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        if status:
            output.seek(0)
            sys.exit(
                f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')[-2000:]}"
            )
    return Run(
        wall_s=wall,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )


def alternate(contestants: Mapping[str, Callable[[], Run]], *, rounds: int) -> dict[str, list[Run]]:
    """Run all contestants in turn, `rounds` times; so all meet the same machine."""
    found: dict[str, list[Run]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, contest in contestants.items():
            os.sync()  # so that nobody waits for what another one has written
            done = contest()
            found[name].append(done)
            print(
                f"round {number + 1}  {name:24s} {done.wall_s:8.3f} s  "
                f"{done.cpu_s:8.3f} s cpu  {done.peak_bytes / 1e6:7.0f} MB",
                flush=True,
            )
    return found


def summary(found: Mapping[str, Sequence[Run]], base: str) -> str:
    """A Markdown table: medians with their spread, and the ratio of wall times to `base`."""
    median = statistics.median(r.wall_s for r in found[base])
    lines = [
        f"| | wall, s (least to most) | ratio to {base} | CPU, s | peak memory, MB |",
        "|---|---|---|---|---|",
    ]
    for name, runs in found.items():
        walls = sorted(r.wall_s for r in runs)
        middle = statistics.median(walls)
        lines.append(
            f"| {name} | {middle:.3f} ({walls[0]:.3f} to {walls[-1]:.3f}) | {middle / median:.2f} "
            f"| {statistics.median(r.cpu_s for r in runs):.3f} "
            f"| {max(r.peak_bytes for r in runs) / 1e6:.0f} |"
        )
    return "\n".join(lines)


def record(name: str, found: Mapping[str, Sequence[Run]], **facts: object) -> None:
    """Keep the figures with the machine that they were taken on."""
    RESULTS.mkdir(exist_ok=True)
    data = {
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg(),
        },
        **facts,
        "runs": {each: [asdict(r) for r in runs] for each, runs in found.items()},
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")
