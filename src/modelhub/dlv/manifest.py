"""Manifests as JSON and back (docs/spec/manifest.md)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from modelhub.dlv.paths import check_path
from modelhub.dlv.revisions import check_name
from modelhub.dlv.versions import Content, Manifest, Snapshot, SnapshotTensor, VersionFile
from modelhub.errors import InputError, IntegrityError, NewerFormatError
from modelhub.values import BlobId, FileId, Json, TensorId, TensorInfo, VersionId, View

FORMAT = 1
_ID = re.compile(r"[0-9a-f]{64}")


def content_json(content: Content) -> Json:
    """The value of a manifest's `content` key."""
    return {
        "network": content.network,
        "hyperparameters": dict(content.hyperparameters),
        "metrics": dict(content.metrics),
        "history": content.history,
        "snapshots": [_snapshot_json(each) for each in content.snapshots],
        "files": [_file_json(each) for each in sorted(content.files, key=lambda f: f.path)],
    }


def manifest_json(manifest: Manifest) -> Json:
    """A manifest as JSON; its canonical bytes are what the version id is the hash of."""
    return {
        "format": 1,
        "name": manifest.name,
        "parents": list(manifest.parents),
        "created": manifest.created,
        "author": manifest.author,
        "message": manifest.message,
        "content": content_json(manifest.content),
    }


def _snapshot_json(snapshot: Snapshot) -> Json:
    return {
        "name": snapshot.name,
        "step": snapshot.step,
        "metrics": dict(snapshot.metrics),
        "tensors": [_tensor_json(each) for each in snapshot.tensors],
    }


def _tensor_json(tensor: SnapshotTensor) -> Json:
    info = tensor.info
    found: dict[str, Json] = {
        "name": tensor.name,
        "id": info.id,
        "dtype": info.dtype,
        "shape": list(info.shape),
    }
    if tensor.view is not None:
        view = tensor.view
        found["view"] = {
            "shape": list(view.shape),
            "strides": list(view.strides),
            "offset": view.offset,
        }
    return found


def _file_json(file: VersionFile) -> Json:
    return {
        "path": file.path,
        "id": file.id,
        "size": file.size,
        "role": file.role,
        "format": file.format,
        "snapshot": file.snapshot,
        "executable": file.executable,
    }


def parse_manifest(raw: bytes, id_: VersionId) -> Manifest:
    """The manifest in a blob; every value in it is checked.

    Raises:
        IntegrityError: it is not what the format says.
        NewerFormatError: it is of a later version of the format.
    """
    try:
        found = json.loads(raw)
        if found["format"] != FORMAT:
            raise NewerFormatError(
                f"version {id_[:12]} has manifest format {found['format']}; "
                f"this dlv reads up to {FORMAT}, use a later one"
            )
        return Manifest(
            name=check_name(_text(found["name"])),
            parents=[VersionId(_id(each)) for each in found["parents"]],
            created=_text(found["created"]),
            author=_text(found["author"]),
            message=_text(found["message"]),
            content=_content(found["content"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InputError) as error:
        raise IntegrityError(
            f"the manifest of version {id_[:12]} is not valid ({error!r}); run dlv fsck"
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _id(value: object) -> str:
    if not _ID.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is no id")
    return str(value)


def metric_value(value: object) -> float:
    """A number of canonical JSON, where non-finite ones are text."""
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(str(value))
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def metric_from_text(text: str) -> float:
    """A number that is kept as canonical JSON."""
    return float(text.strip('"'))  # non-finite ones are texts there, which `float` reads


def _metrics(found: Mapping[str, object]) -> dict[str, float]:
    return {_text(name): metric_value(value) for name, value in found.items()}


def _content(found: Mapping[str, Any]) -> Content:
    return Content(
        network=None if found["network"] is None else _id(found["network"]),
        hyperparameters={_text(k): _setting(v) for k, v in found["hyperparameters"].items()},
        metrics=_metrics(found["metrics"]),
        history=None if found["history"] is None else BlobId(_id(found["history"])),
        snapshots=[_snapshot(each) for each in found["snapshots"]],
        files=[_file(each) for each in found["files"]],
    )


def _setting(value: Any) -> Any:
    if isinstance(value, dict):
        raise TypeError("hyperparameters are flat")
    return value


def _snapshot(found: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        name=_text(found["name"]),
        step=None if found["step"] is None else _whole(found["step"]),
        metrics=_metrics(found["metrics"]),
        tensors=[_tensor(each) for each in found["tensors"]],
    )


def _tensor(found: Mapping[str, Any]) -> SnapshotTensor:
    view = found.get("view")
    return SnapshotTensor(
        name=_text(found["name"]),
        info=TensorInfo(
            id=TensorId(_id(found["id"])),
            dtype=_text(found["dtype"]),
            shape=_shape(found["shape"]),
        ),
        view=None
        if view is None
        else View(
            shape=_shape(view["shape"]),
            strides=tuple(_whole(each) for each in view["strides"]),
            offset=_whole(view["offset"]),
        ),
    )


def _shape(found: Sequence[object]) -> tuple[int, ...]:
    shape = tuple(_whole(each) for each in found)
    if any(extent < 0 for extent in shape):
        raise ValueError(f"{shape} is no shape")
    return shape


def _file(found: Mapping[str, Any]) -> VersionFile:
    snapshot = found["snapshot"]
    return VersionFile(
        path=check_path(_text(found["path"])),
        id=FileId(_id(found["id"])),
        size=_whole(found["size"]),
        role=_text(found["role"]),
        format=_text(found["format"]),
        snapshot=None if snapshot is None else _text(snapshot),
        executable=bool(found["executable"]),
    )
