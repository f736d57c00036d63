"""What a notebook shows of a repository and of a version: small HTML tables."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from modelhub.dlv.operations.desc import Description
from modelhub.dlv.operations.list import ListedVersion


def versions_html(versions: Sequence[ListedVersion]) -> str:
    """A table of versions, drawn as a lineage."""
    rows = [
        (
            "&emsp;" * each.depth + escape(str(each.version)),
            escape(each.created[:16].replace("T", " ")),
            f"{each.parameters:,}",
            escape(_numbers(each.metrics)),
            escape(each.message),
        )
        for each in versions
    ]
    return _table(("version", "created", "parameters", "metrics", "message"), rows)


def description_html(found: Description) -> str:
    """A version's facts, and a table of its tensors."""
    facts = [
        ("version", escape(f"{found.version} ({found.version.id[:12]})")),
        ("message", escape(found.message)),
        ("parents", escape(", ".join(found.parents))),
        ("snapshots", escape(", ".join(each.name for each in found.snapshots))),
        ("metrics", escape(_numbers(found.metrics))),
    ]
    tensors = [
        (escape(each.name), escape(each.dtype), escape(str(list(each.shape))))
        for each in found.tensors
    ]
    return _table(("", ""), facts) + _table(("tensor", "dtype", "shape"), tensors)


def _numbers(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
