"""Every fenced block in these pages runs: python as one session a page, console as commands.

A `console` block holds commands after `$ ` and what they print; `...` stands for any text.
`text`, `toml`, `json` and `mermaid` do not run. Any other language fails.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

PLAIN = {"text", "toml", "json", "mermaid"}
RUN = {"python", "console"}
FENCE = re.compile(r"^\s*```(\S*)[^\n]*$", re.MULTILINE)
WAYS = {"dlv": [sys.executable, "-m", "modelhub.cli"], "python": [sys.executable]}


def run_console(example: Example) -> None:
    """Run the commands of a block, and compare what they print."""
    for turn in re.split(r"^\$ ", str(example.parsed), flags=re.MULTILINE)[1:]:
        command, _, expected = turn.partition("\n")
        words = shlex.split(command)
        words = WAYS.get(words[0], [words[0]]) + words[1:]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        printed = (done.stdout + done.stderr).strip()
        pattern = re.escape(expected.strip()).replace(r"\.\.\.", "(?s:.*)")
        assert re.fullmatch(pattern, printed), f"$ {command}\n{printed}"


def check_languages(document: Document) -> Iterator[Region]:
    """Refuse a block of a language that neither runs nor is known not to."""
    languages = FENCE.findall(document.text)[::2]
    unknown = set(languages) - PLAIN - RUN
    assert not unknown, f"{document.path}: blocks of unknown languages {unknown}"
    return iter(())


@pytest.fixture(scope="module")
def in_a_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each page has a folder of its own, and no settings of whoever runs it."""
    before = Path.cwd()
    folder = tmp_path_factory.mktemp("page")
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "no-config"))
        patch.delenv("DLV_DIR", raising=False)
        yield
    os.chdir(before)


pytest_collect_file: Any = Sybil(
    parsers=[
        check_languages,
        PythonCodeBlockParser(),
        CodeBlockParser(language="console", evaluator=run_console),
    ],
    patterns=["*.md"],
    excludes=["style.md"],
    fixtures=["in_a_folder"],
).pytest()
