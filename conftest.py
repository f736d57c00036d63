"""Every fenced block of the README and of `docs/` runs, as a part of the suite.

`python` blocks are one session a page. A `console` block holds commands after `$ ` and what
they print, where `...` stands for any text; a page has a folder of its own for them.
`text`, `toml`, `json`, `mermaid` and `html` do not run. Any other language fails, and so does
anything beside the language: what cannot run is `text`.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.integration.pytest import SybilFile, SybilItem
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent
LANGUAGES = {"python", "console", "text", "toml", "json", "mermaid", "html"}
FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})(.*)")
WAYS = {"dlv": [sys.executable, "-m", "modelhub.cli"], "python": [sys.executable]}


def run_console(example: Example) -> str:
    """Run the commands of a block; the answer is empty, or what is printed but not written."""
    for turn in re.split(r"^\$ ", str(example.parsed), flags=re.MULTILINE)[1:]:
        command, _, expected = turn.partition("\n")
        printed = run(command)
        pattern = re.escape(stripped(expected)).replace(r"\.\.\.", "(?s:.*)")
        if not re.fullmatch(pattern, stripped(printed)):
            return f"$ {command}\n{printed}\n\nis not what the page says:\n\n{expected}"
    return ""


def run(command: str) -> str:
    """What a command prints; `cd` holds for the rest of the page."""
    words = shlex.split(command)
    if words[0] == "cd":
        os.chdir(words[1])
        return ""
    words = WAYS.get(words[0], words[:1]) + words[1:]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def stripped(text: str) -> str:
    """Without the blanks that editors take away."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def check_languages(document: Document) -> Iterator[Region]:
    """Refuse a block of a language that neither runs nor is known not to."""
    unknown = {language for language in languages(document.text) if language not in LANGUAGES}
    if unknown:
        raise ValueError(f"{document.path}: blocks of unknown languages {sorted(unknown)}")
    return iter(())


def languages(text: str) -> Iterator[str]:
    """What stands behind the fence that opens a block, for each block."""
    open_fence = ""
    for match in map(FENCE.match, text.splitlines()):
        if match is None:
            continue
        fence, behind = match[1], match[2].strip()
        if not open_fence:
            open_fence = fence
            yield behind
        elif fence.startswith(open_fence) and not behind:
            open_fence = ""


@pytest.fixture(scope="module")
def in_a_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each page has a folder of its own, and no settings of whoever runs it."""
    before = Path.cwd()
    folder = tmp_path_factory.mktemp("page")
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("DLV_")]:
            patch.delenv(name)
        patch.setenv("XDG_CONFIG_HOME", str(folder.with_name(folder.name + "-home")))
        patch.setenv("NO_COLOR", "1")
        yield
    os.chdir(before)


collect_page = Sybil(
    parsers=[
        check_languages,
        PythonCodeBlockParser(),
        CodeBlockParser(language="console", evaluator=run_console),
    ],
    patterns=["*.md"],
    fixtures=["in_a_folder"],
).pytest()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SybilFile | None:
    """Pages are what lies beside this file, and in docs/."""
    is_page = file_path.parent == ROOT or ROOT / "docs" in file_path.parents
    return collect_page(file_path, parent) if is_page else None


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """The blocks of a page run one after another, in one process."""
    for item in items:
        if isinstance(item, SybilItem):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
