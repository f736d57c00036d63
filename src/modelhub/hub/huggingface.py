"""What clients of the Hugging Face Hub ask, answered for reading.

A repository of theirs is a model here; its branch `main` is the latest version, its tags are the
model's. A commit is named by the first 40 digits of the version's id, since they must be as long
as git's. All files are told as those of LFS are, by their SHA-256. What they must not see is
absent, as in all of this hub.
"""

import mimetypes
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from modelhub.dlv.files import Buffer
from modelhub.dlv.versions import VersionFile
from modelhub.errors import InputError, NotFoundError
from modelhub.hub.accounts import Caller
from modelhub.hub.answers import Callers, body
from modelhub.hub.library import HubVersion, Library
from modelhub.hub.search import found

MAIN = "main"
COMMIT_DIGITS = 40
MAX_FORM = 1 << 20  # bytes of a list of paths
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_PARTIAL, _WHOLE, _UNKNOWN, _ABSENT, _NO_RANGE = 206, 200, 401, 404, 416


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """The files of a version by their paths, from the folder down that holds all of them."""

    version: HubVersion
    files: Mapping[str, VersionFile]

    @property
    def commit(self) -> str:
        return self.version.id[:COMMIT_DIGITS]


class _Repositories:
    """Models as repositories."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def version(self, caller: Caller | None, ns: str, name: str, revision: str) -> HubVersion:
        """The version of a revision.

        Raises:
            HTTPException: there is none, in the words of the clients.
        """
        try:
            known = self.library.ref(caller, ns, name)
        except (InputError, NotFoundError):  # no name, or no namespace, of ours
            known = None
        if known is None:
            status = _UNKNOWN if caller is None else _ABSENT
            raise _failure(status, "RepoNotFound", f"there is no model {ns}/{name} for you")
        wanted = "latest" if revision == MAIN else revision
        try:
            return self.library.version(caller, ns, name, wanted)
        except NotFoundError as error:
            raise _failure(_ABSENT, "RevisionNotFound", str(error)) from None

    def tree(self, version: HubVersion) -> _Tree:
        """Its files."""
        with self.library.opened(version) as view:
            files = view.needs.manifest.content.files
        root = posixpath.commonpath([posixpath.dirname(f.path) for f in files]) if files else ""
        return _Tree(
            version=version, files={posixpath.relpath(f.path, root or "."): f for f in files}
        )

    def file_json(self, tree: _Tree, path: str) -> dict[str, Any]:
        """A file, as lists of files show it."""
        file = tree.files[path]
        sha256 = self.library.sha256_of(tree.version, file)
        lfs = {"oid": sha256, "size": file.size, "pointerSize": _pointer_size(file.size)}
        return {
            "type": "file",
            "path": path,
            "size": file.size,
            "oid": sha256[:COMMIT_DIGITS],
            "lfs": lfs,
        }

    def model_json(self, version: HubVersion, tree: _Tree | None) -> dict[str, Any]:
        """A model, as searches and clients show it; with its files if there is a tree."""
        repository = f"{version.namespace}/{version.model}"
        created = f"{version.created[:23]}Z"
        shown: dict[str, Any] = {
            "id": repository,
            "modelId": repository,
            "author": version.namespace,
            "sha": version.id[:COMMIT_DIGITS],
            "createdAt": created,
            "lastModified": created,
            "private": not version.is_public,
            "gated": False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": ["dlv"],
        }
        if tree is not None:
            shown["siblings"] = [{"rfilename": path} for path in sorted(tree.files)]
        return shown


def huggingface_routes(library: Library, callers: Callers) -> APIRouter:
    """The routes; they are no part of our own interface."""
    api = APIRouter(include_in_schema=False)
    repositories = _Repositories(library)
    Asking = Annotated[Caller | None, Depends(callers)]  # noqa: N806 - it is a type
    _add_models(api, repositories, Asking)
    _add_trees(api, repositories, Asking)
    _add_files(api, repositories, Asking)

    @api.get("/api/whoami-v2")
    def whoami(asking: Asking) -> dict[str, Any]:
        if asking is None:
            raise HTTPException(_UNKNOWN, "Invalid username or password.")
        role = "write" if asking.may_write else "read"
        return {
            "type": "user",
            "id": asking.name,
            "name": asking.name,
            "fullname": asking.name,
            "isPro": False,
            "orgs": [],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": "dlv", "role": role},
            },
        }

    return api


def _add_models(api: APIRouter, repositories: _Repositories, Asking: Any) -> None:  # noqa: N803
    @api.get("/api/models")
    def models(
        asking: Asking, search: str = "", author: str = "", limit: int = 100
    ) -> list[dict[str, Any]]:
        latest: dict[tuple[str, str], HubVersion] = {}
        for each in found(repositories.library, asking, search, author):
            latest.setdefault((each.namespace, each.model), each)
        return [repositories.model_json(each, None) for each in [*latest.values()][: max(0, limit)]]

    @api.get("/api/models/{ns}/{name}")
    @api.get("/api/models/{ns}/{name}/revision/{revision}")
    def model(
        asking: Asking, ns: str, name: str, revision: str = MAIN, *, blobs: bool = False
    ) -> dict[str, Any]:
        version = repositories.version(asking, ns, name, revision)
        tree = repositories.tree(version)
        shown = repositories.model_json(version, tree)
        if blobs:
            for each in shown["siblings"]:
                file = repositories.file_json(tree, each["rfilename"])
                lfs = file["lfs"] | {"sha256": file["lfs"]["oid"]}
                each |= {"size": file["size"], "blobId": file["oid"], "lfs": lfs}
        return shown

    @api.get("/api/models/{ns}/{name}/refs")
    def refs(asking: Asking, ns: str, name: str) -> dict[str, Any]:
        latest = repositories.version(asking, ns, name, MAIN)
        every = repositories.library.versions_of(asking, ns, name)
        tags = [(tag, each) for each in every for tag in each.tags]
        tags += [(str(each.number), each) for each in every]
        return {
            "branches": [_ref_json("heads", MAIN, latest)],
            "converts": [],
            "tags": [_ref_json("tags", tag, each) for tag, each in sorted(tags, key=_first)],
            "pullRequests": [],
        }

    @api.get("/api/models/{ns}/{name}/commits/{revision}")
    def commits(asking: Asking, ns: str, name: str, revision: str) -> list[dict[str, Any]]:
        newest = repositories.version(asking, ns, name, revision)
        every = repositories.library.versions_of(asking, ns, name)
        return [
            {
                "id": each.id[:COMMIT_DIGITS],
                "title": each.message.partition("\n")[0] or f"{name}@{each.number}",
                "message": each.message.partition("\n")[2],
                "authors": [{"user": each.author or ns}],
                "date": f"{each.created[:23]}Z",
            }
            for each in every
            if each.number <= newest.number
        ]


def _add_trees(api: APIRouter, repositories: _Repositories, Asking: Any) -> None:  # noqa: N803
    @api.get("/api/models/{ns}/{name}/tree/{revision}")
    @api.get("/api/models/{ns}/{name}/tree/{revision}/{path:path}")
    def tree(
        asking: Asking,
        ns: str,
        name: str,
        revision: str,
        path: str = "",
        *,
        recursive: bool = False,
    ) -> list[dict[str, Any]]:
        found = repositories.tree(repositories.version(asking, ns, name, revision))
        start = f"{path.strip('/')}/" if path.strip("/") else ""
        below = sorted(each for each in found.files if each.startswith(start))
        if start and not below:
            raise _entry_failure(found, path)
        folders: dict[str, dict[str, Any]] = {}
        for each in below:
            parts = each.removeprefix(start).split("/")[:-1]
            for depth in range(1, len(parts) + 1 if recursive else min(2, len(parts) + 1)):
                folder = start + "/".join(parts[:depth])
                oid = found.commit
                folders[folder] = {"type": "directory", "path": folder, "oid": oid, "size": 0}
        files = [each for each in below if recursive or "/" not in each.removeprefix(start)]
        return [*folders.values(), *(repositories.file_json(found, each) for each in files)]

    @api.post("/api/models/{ns}/{name}/paths-info/{revision}")
    async def paths_info(
        request: Request, asking: Asking, ns: str, name: str, revision: str
    ) -> list[dict[str, Any]]:
        form = parse_qs((await body(request, MAX_FORM)).decode("utf-8", "replace"))

        def answer() -> list[dict[str, Any]]:
            found = repositories.tree(repositories.version(asking, ns, name, revision))
            paths = [each for each in form.get("paths", []) if each in found.files]
            return [repositories.file_json(found, each) for each in paths]

        return await to_thread.run_sync(answer)


def _add_files(api: APIRouter, repositories: _Repositories, Asking: Any) -> None:  # noqa: N803
    @api.head("/{ns}/{name}/resolve/{revision}/{path:path}")
    @api.get("/{ns}/{name}/resolve/{revision}/{path:path}")
    def resolve(  # noqa: PLR0917 - as above
        request: Request, asking: Asking, ns: str, name: str, revision: str, path: str
    ) -> Response:
        tree = repositories.tree(repositories.version(asking, ns, name, revision))
        if path not in tree.files:
            raise _entry_failure(tree, path)
        file = tree.files[path]
        etag = repositories.library.sha256_of(tree.version, file)
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": f'"{etag}"',
            "X-Linked-ETag": f'"{etag}"',
            "X-Linked-Size": str(file.size),
            "X-Repo-Commit": tree.commit,
            "Content-Disposition": "attachment",  # nothing is shown as a page of this hub
            "X-Content-Type-Options": "nosniff",
        }
        start, stop = _wanted(request.headers.get("range", ""), file.size, headers)
        headers["Content-Length"] = str(stop - start)
        is_part = (start, stop) != (0, file.size)
        if is_part:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
        status = _PARTIAL if is_part else _WHOLE
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=kind)
        parts = _read(repositories.library, tree.version, file, (start, stop))
        return StreamingResponse(parts, status_code=status, headers=headers, media_type=kind)


def _read(
    library: Library, version: HubVersion, file: VersionFile, span: tuple[int, int]
) -> Iterator[Buffer]:
    with library.opened(version) as view:
        yield from view.file(file) if span == (0, file.size) else view.range(file, *span)


def _wanted(text: str, size: int, headers: Mapping[str, str]) -> tuple[int, int]:
    """The bytes that a Range asks for; all of them if it is none that we know."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or not (match[1] or match[2]) or not size:
        return 0, size
    if not match[1]:
        return max(0, size - int(match[2])), size
    start, stop = int(match[1]), min(size, int(match[2] or size - 1) + 1)
    if start >= size or stop <= start:
        told = dict(headers) | {"Content-Range": f"bytes */{size}"}
        raise HTTPException(_NO_RANGE, "the file has no such range", headers=told)
    return start, stop


def _ref_json(kind: str, name: str, version: HubVersion) -> dict[str, str]:
    return {
        "name": name,
        "ref": f"refs/{kind}/{name}",
        "targetCommit": version.id[:COMMIT_DIGITS],
    }


def _first(pair: tuple[str, HubVersion]) -> str:
    return pair[0]


def _pointer_size(size: int) -> int:
    """Bytes of the text that stands for a file in git-lfs."""
    head = "version https://git-lfs.github.com/spec/v1\noid sha256:\nsize \n"
    return len(head) + 64 + len(str(size))


def _entry_failure(tree: _Tree, path: str) -> HTTPException:
    told = _failure(_ABSENT, "EntryNotFound", f"there is no file {path!r:.200}")
    assert told.headers is not None
    told.headers = {**told.headers, "X-Repo-Commit": tree.commit}
    return told


def _failure(status: int, code: str, message: str) -> HTTPException:
    """A failure as their clients understand it."""
    printable = "".join(c if c.isascii() and c.isprintable() else "?" for c in message)
    headers = {"X-Error-Code": code, "X-Error-Message": printable}
    return HTTPException(status, message, headers=headers)
