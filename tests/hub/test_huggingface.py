"""Tests of `modelhub.hub.huggingface`, with the clients of the Hugging Face Hub as they are."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from safetensors.numpy import load_file

from modelhub.dlv.naming import resolve
from modelhub.dlv.repository import Repository
from modelhub.remotes import HubRemote, keep_token, publish


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A repository with the folder of a small BERT, whose second version is tuned."""
    from transformers import BertConfig, BertModel

    place = tmp_path_factory.mktemp("bert") / "models"
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = BertModel(BertConfig(**sizes, intermediate_size=16, vocab_size=30))
    with Repository.init(place) as repository:
        for number in (1, 2):
            model.pooler.dense.bias.data.fill_(number)
            model.save_pretrained(place / "bert")
            (place / "bert/onnx").mkdir(exist_ok=True)
            (place / "bert/onnx/notes.txt").write_text(f"number {number}")
            tags = ["v1"] if number == 1 else []
            repository.commit("bert", [Path("bert")], message=f"number {number}", tags=tags)
        yield repository


@pytest.fixture(scope="module")
def public(hub, folder):
    """Its model on the hub, which everybody may read; the name that clients know it by."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLV_TOKEN", hub.account("publisher"))
        remote = HubRemote(f"{hub.url}/publisher")
        publish(folder, [resolve(folder, each) for each in ("bert@1", "bert@2")], remote)
        remote.set_public("bert", is_public=True)
    return "publisher/bert"


@pytest.fixture
def api(hub):
    return HfApi(endpoint=hub.url, token=False)


def files_of(place):
    return {
        p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*") if p.is_file()
    }


def test_a_snapshot_is_downloaded(hub, public, folder, tmp_path):
    """The latest version, or the one of a tag, a number, or a commit: byte for byte."""
    newest = snapshot_download(public, endpoint=hub.url, cache_dir=tmp_path / "c", token=False)

    assert files_of(Path(newest)) == files_of(folder.root / "bert")
    assert Path(newest).name == resolve(folder, "bert@2").id[:40]
    for revision in ("v1", "1", resolve(folder, "bert@1").id[:40]):
        first = snapshot_download(
            public, revision=revision, endpoint=hub.url, cache_dir=tmp_path / "c", token=False
        )
        assert files_of(Path(first))["onnx/notes.txt"] == b"number 1"


def test_a_file_is_downloaded_into_a_folder(hub, public, folder, tmp_path):
    path = hf_hub_download(
        public, "model.safetensors", endpoint=hub.url, local_dir=tmp_path / "d", token=False
    )

    data = Path(path).read_bytes()
    assert data == (folder.root / "bert/model.safetensors").read_bytes()
    assert load_file(path)["pooler.dense.bias"].tolist() == [2] * 8


def test_a_model_is_described(api, public, folder):
    """With its files, their sizes and hashes."""
    info = api.model_info(public, files_metadata=True)
    found = {each.rfilename: each for each in info.siblings}
    data = (folder.root / "bert/model.safetensors").read_bytes()

    assert info.id == public
    assert not info.private
    assert set(found) == {"config.json", "model.safetensors", "onnx/notes.txt"}
    assert found["model.safetensors"].size == len(data)
    assert found["model.safetensors"].lfs.sha256 == hashlib.sha256(data).hexdigest()
    assert api.list_repo_files(public) == sorted(found)
    assert api.repo_exists(public)
    assert api.file_exists(public, "config.json")
    assert not api.file_exists(public, "other.json")


def test_a_tree_is_listed(api, public):
    """A folder at a time, or all."""
    top = [each.path for each in api.list_repo_tree(public)]
    every = [each.path for each in api.list_repo_tree(public, recursive=True)]

    assert sorted(top) == ["config.json", "model.safetensors", "onnx"]
    assert sorted(every) == ["config.json", "model.safetensors", "onnx", "onnx/notes.txt"]
    assert [each.path for each in api.list_repo_tree(public, "onnx")] == ["onnx/notes.txt"]
    paths = api.get_paths_info(public, ["config.json", "nothing"])
    assert [each.path for each in paths] == ["config.json"]
    with pytest.raises(EntryNotFoundError):
        list(api.list_repo_tree(public, "nothing"))


def test_history_is_listed(api, public, folder):
    refs = api.list_repo_refs(public)
    commits = api.list_repo_commits(public)

    assert [each.name for each in refs.branches] == ["main"]
    assert [each.name for each in refs.tags] == ["1", "2", "v1"]
    assert [each.title for each in commits] == ["number 2", "number 1"]
    assert commits[1].commit_id == resolve(folder, "bert@1").id[:40]
    assert len(api.list_repo_commits(public, revision="v1")) == 1


def test_models_are_searched(api, public):
    assert [each.id for each in api.list_models(author="publisher")] == [public]
    assert [each.id for each in api.list_models(author="publisher", search="bert")] == [public]
    assert list(api.list_models(author="publisher", search="resnet")) == []


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 100), (5, 3000), (2000, 2001), (-7, None)])
def test_ranges_are_read(hub, public, folder, start, stop):
    """As clients do that look at heads of files, or go on where they stopped."""
    data = (folder.root / "bert/model.safetensors").read_bytes()
    wanted = f"bytes={start}-{stop - 1}" if stop else f"bytes={start}"
    answer = hub_file(hub, public, wanted)

    assert answer.status_code == 206
    assert answer.content == data[start:stop]


def hub_file(hub, public, wanted):
    import httpx2

    url = f"{hub.url}/{public}/resolve/main/model.safetensors"
    return httpx2.get(url, headers={"Range": wanted})


def test_every_range_is_right(hub, public, folder):
    """At all borders of a small file's parts; a range that is not there is refused."""
    data = (folder.root / "bert/model.safetensors").read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(40):
        start, stop = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        if start < stop:
            assert hub_file(hub, public, f"bytes={start}-{stop - 1}").content == data[start:stop]
    assert hub_file(hub, public, f"bytes={len(data)}-").status_code == 416
    assert hub_file(hub, public, "pages=1-2").content == data


def test_safetensors_are_described_without_a_download(api, public):
    """From the head of the file, by a range."""
    found = api.get_safetensors_metadata(public)

    assert found.parameter_count["F32"] > 100


def test_a_file_system_reads_it(hub, public):
    """fsspec's view of a hub."""
    files = HfFileSystem(endpoint=hub.url, token=False)

    assert f"{public}/config.json" in files.ls(public, detail=False)
    assert files.cat_file(f"{public}/onnx/notes.txt") == b"number 2"


def test_transformers_loads_it(hub, public, tmp_path):
    """`from_pretrained`, as it is, with the hub's address in the environment."""
    code = (
        "import sys; from transformers import AutoModel\n"
        "model = AutoModel.from_pretrained(sys.argv[1])\n"
        "print(type(model).__name__, model.pooler.dense.bias[0].item())"
    )
    environment = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf"),
        "PATH": "/usr/bin:/bin",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, public],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.stdout == "BertModel 2.0\n", done.stderr


def test_what_is_private_needs_a_token(hub, name, folder, tmp_path):
    """Without one it is as absent as what is not there."""
    token = hub.account(name)
    keep_token(hub.url, token)
    publish(folder, [resolve(folder, "bert@2")], HubRemote(f"{hub.url}/{name}"))
    other = hub.account(f"{name}-other")

    for asking in (False, other):
        api = HfApi(endpoint=hub.url, token=asking)
        for repository in (f"{name}/bert", f"{name}/nothing", "nobody/nothing"):
            with pytest.raises(RepositoryNotFoundError):
                api.model_info(repository)
        assert list(api.list_models(author=name)) == []
    mine = HfApi(endpoint=hub.url, token=token)
    assert mine.model_info(f"{name}/bert").private
    assert mine.whoami()["name"] == name
    path = mine.hf_hub_download(f"{name}/bert", "config.json", cache_dir=tmp_path / "c")
    assert Path(path).read_bytes() == (folder.root / "bert/config.json").read_bytes()


def test_what_is_not_there_is_told_in_their_words(hub, api, public):
    """So that their exceptions are the right ones."""
    with pytest.raises(RevisionNotFoundError):
        api.model_info(public, revision="v9")
    with pytest.raises(EntryNotFoundError):
        api.hf_hub_download(public, "nothing.bin")
    with pytest.raises(HfHubHTTPError):
        HfApi(endpoint=hub.url, token="mh_wrong").whoami()
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("a/" + "x" * 90)
