"""What is published is built from a clean copy, installed in a clean environment, and run."""

import ast
import json
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from modelhub import __version__
from modelhub.pas import ENCODINGS, OPTIMIZERS
from modelhub.plugins import Registry
from modelhub.recipes import READERS
from modelhub.wrappers import STATES, WRAPPERS

ROOT = Path(__file__).parent.parent
NOT_SOURCE = shutil.ignore_patterns(
    *(".git", ".venv", ".demo", "build", "dist", "*.egg-info", "__pycache__", ".*_cache"),
    *(".hypothesis", "*.so"),
)


def run(*words: object, folder: Path, **environment: str) -> str:
    """What a command prints, run with an environment of its own."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment} if environment else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


EXTRAS = {
    "images",
    "parquet",
    *(
        "torch",
        "onnx",
        "transformers",
        "lightning",
        "keras",
        "ray",
        "tune",
        "postgres",
        "s3",
        "server",
    ),
}
HINT = re.compile(r"modelhub-dlv\[([^\]{}]+)\]")
REGISTRIES: tuple[Registry[Any], ...] = (WRAPPERS, STATES, READERS, ENCODINGS, OPTIMIZERS)


def extras() -> dict[str, list[Requirement]]:
    """What each extra installs, as pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        name: [Requirement(each) for each in needs]
        for name, needs in project["optional-dependencies"].items()
    }


def frameworks(module: str) -> set[str]:
    """The distributions that a module of ours imports and a plain install does not bring."""
    tree = ast.parse((ROOT / "src" / f"{module.replace('.', '/')}.py").read_text())
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in imports
    }
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"modelhub"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    plain = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    known = packages_distributions()
    found = {canonicalize_name(each) for top in tops for each in known.get(top, [top])}
    return found - plain


def test_the_extras_are_those_of_the_design() -> None:
    """Each has a least version of what it installs, and no greatest."""
    assert set(extras()) == EXTRAS
    for needs in extras().values():
        assert [need.specifier for need in needs if str(need.specifier).startswith(">=")]
        assert all(str(need.specifier).startswith(">=") for need in needs)


def test_every_extra_that_a_message_names_exists() -> None:
    """Those that the registry names for what it loads, and those that stand in a message."""
    named = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for found in HINT.findall(path.read_text())
        for name in found.split(",")
    }
    assert named <= set(extras())
    loaded = {
        name: frameworks(target.partition(":")[0])
        for registry in REGISTRIES
        for name, target in registry.ours.items()
    }
    assert loaded["torch"] == {"torch"}
    for name, needed in loaded.items():
        installed = {canonicalize_name(each.name) for each in extras().get(name, [])}
        assert needed <= installed, f"the hint for {name!r} installs no {needed - installed}"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy: nothing that earlier builds left gets into an archive."""
    copy = tmp_path_factory.mktemp("copy") / "source"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCE)
    return copy


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, source, folder=source)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    [found] = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def dlv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that holds the wheel and what it needs."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", environment, folder=environment)
    python = environment / "bin/python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, folder=ROOT)
    return environment / "bin/dlv"


def test_the_wheel_holds_the_package_and_nothing_else(source: Path, wheel: Path) -> None:
    """Every module of the source, the marker of types, the licence; no tests, no demo."""
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"modelhub_dlv-{__version__}.dist-info/"
    package = source / "src"
    kept = [*package.glob("modelhub/**/*.py"), *package.glob("modelhub/pages/**/*.*ml")]
    modules = {path.relative_to(package).as_posix() for path in kept}
    extra = {
        *("modelhub/py.typed", "modelhub/pages/static/style.css"),
        *("modelhub/pas/kernels/_levels.pyi", "modelhub/pas/kernels/_levels.abi3.so"),
        "modelhub/pas/plans/loops/_plans.abi3.so",
    }

    assert modules | extra == {name for name in names if not name.startswith(info)}
    assert info + "licenses/LICENSE" in names
    assert wheel.name.startswith(f"modelhub_dlv-{__version__}-cp311-abi3-")


def test_the_wheel_asks_for_no_framework(wheel: Path) -> None:
    """Frameworks stand behind extras; the command is declared."""
    archive = zipfile.ZipFile(wheel)
    info = f"modelhub_dlv-{__version__}.dist-info/"
    metadata = Parser().parsestr(archive.read(info + "METADATA").decode())
    needed = [need for need in metadata.get_all("Requires-Dist") or [] if "extra ==" not in need]

    assert not [need for need in needed if need.startswith(("torch", "onnx", "tensorflow"))]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "dlv = modelhub.cli:main" in archive.read(info + "entry_points.txt").decode()


def test_the_source_archive_can_be_tested(source: Path, built: Path) -> None:
    """It holds tests, documents and demo as they are here, and nothing that was made."""
    [found] = built.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    for folder in ("docs", "tests", "demo", "src"):
        here = [
            path.relative_to(source).as_posix()
            for path in (source / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and "egg-info" not in str(path)
        ]
        assert set(here) <= names
    assert {"Makefile", "constraints.txt", "LICENSE", "README.md"} <= names
    assert not [name for name in names if name.startswith((".", "build/")) or "__pycache__" in name]


def test_without_a_compiler_all_works_but_slower(source: Path, dlv: Path, tmp_path: Path) -> None:
    """The package is installed, what was written before is read, and writing says it once."""
    model = tmp_path / "model.safetensors"
    text = json.dumps({"w": {"dtype": "F32", "shape": [5000], "data_offsets": [0, 20_000]}})
    model.write_bytes(struct.pack("<Q", len(text)) + text.encode() + bytes(range(250)) * 80)
    run(dlv, "init", folder=tmp_path, LANG="C")
    run(dlv, "commit", "net", model, "-m", "first", folder=tmp_path, LANG="C")
    broken = {"CC": "false", "CXX": "false", "LANG": "C"}
    install = ["install", "-q", "--disable-pip-version-check", "--no-deps", "--target"]
    target = tmp_path / "without"
    run(dlv.with_name("python"), "-m", "pip", *install, target, source, folder=ROOT, **broken)
    slow = {"PYTHONPATH": str(target), "LANG": "C"}
    run(dlv, "checkout", "net", "--to", "back", folder=tmp_path, **slow)
    other = bytearray(model.read_bytes())
    other[-1] ^= 1
    (tmp_path / "other.safetensors").write_bytes(other)
    said = run(dlv, "commit", "two", "other.safetensors", "-m", "second", folder=tmp_path, **slow)

    assert not list(target.rglob("*.so"))
    assert (tmp_path / "back/model.safetensors").read_bytes() == model.read_bytes()
    assert said.count("the compiled kernel is missing") == 1


def test_the_installed_command_answers(dlv: Path, tmp_path: Path) -> None:
    """`--version` and `--help` need nothing but the wheel."""
    assert run(dlv, "--version", folder=tmp_path, LANG="C").split()[-1] == __version__
    assert "checkout" in run(dlv, "--help", folder=tmp_path, LANG="C")


def test_the_installed_command_keeps_a_model(dlv: Path, tmp_path: Path) -> None:
    """init, commit and checkout give the very same file back, where no framework is installed."""
    header = {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    text = json.dumps(header).encode()
    model = tmp_path / "model.safetensors"
    model.write_bytes(struct.pack("<Q", len(text)) + text + struct.pack("<6f", *range(6)))

    run(dlv, "init", folder=tmp_path, LANG="C")
    run(dlv, "commit", "lenet", model, "-m", "first", folder=tmp_path, LANG="C")
    run(dlv, "checkout", "lenet", "--to", "back", folder=tmp_path, LANG="C")

    assert (tmp_path / "back/model.safetensors").read_bytes() == model.read_bytes()
    assert "lenet@1" in run(dlv, "list", folder=tmp_path, LANG="C")
    installed = run(dlv.with_name("python"), "-m", "pip", "list", folder=tmp_path, LANG="C")
    assert "torch" not in installed
