"""Every fenced block of the README and of `docs/` runs.

`python` blocks are one session a page. A `console` block holds commands after `$ ` and what
they print, where `...` stands for any text; a page has a folder of its own for them.
`dlv serve … &` runs to the end of the page, at a free port that is written 8080, and whoever is
asked for a token types that of its admin.
`text`, `toml`, `json`, `mermaid` and `html` do not run. Any other language fails, and so does
anything beside the language: what cannot run is `text`.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.example import SybilFailure
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LANGUAGES = {"python", "console", "text", "toml", "json", "mermaid", "html"}
FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})(.*)")
HUB = "http://127.0.0.1:8080"
WAYS = {"dlv": [sys.executable, "-m", "modelhub.cli"], "python": [sys.executable]}


@dataclass
class Hub:
    """The hub of a page, once it was started."""

    process: subprocess.Popen[str] | None = None
    url: str = HUB
    token: str = ""

    def start(self, words: list[str]) -> str:
        """Run it; what it prints until it answers."""
        self.process = subprocess.Popen([*words, "--port", "0"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("serving "):
                break
        self.token, self.url = re.findall(r"mh_[0-9A-Za-z]+|http://[0-9.:]+", said)[:2]
        return said

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=60)


PAGE = Hub()  # of the page that runs


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
    words = WAYS.get(words[0], words[:1]) + [each.replace(HUB, PAGE.url) for each in words[1:]]
    if words[-1] == "&":
        return PAGE.start(words[:-1]).replace(PAGE.url, HUB)
    done = subprocess.run(words, capture_output=True, text=True, check=False, input=PAGE.token)
    return (done.stdout + done.stderr).replace(PAGE.url, HUB)


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


SYBIL = Sybil(
    parsers=[
        check_languages,
        PythonCodeBlockParser(),
        CodeBlockParser(language="console", evaluator=run_console),
    ],
)


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page has a folder of its own, and no settings of whoever runs it."""
    folder = tmp_path / "page"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("DLV_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.modules[__name__], "PAGE", Hub())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
@pytest.mark.usefixtures("in_a_folder")
def test_every_block_runs(page: Path) -> None:
    """What a page shows is what happens, from its first block to its last."""
    try:
        for example in SYBIL.parse(page).examples():
            example.evaluate()
    finally:
        PAGE.stop()


@pytest.mark.parametrize("fence", ["```python skip", "```bash", "```", "~~~sh"])
def test_a_block_that_does_not_say_how_it_runs_is_refused(fence: str, tmp_path: Path) -> None:
    """Only known languages, with nothing beside them: no block is passed over in silence."""
    page = tmp_path / "page.md"
    page.write_text(f"{fence}\nx = 1\n{fence[:3]}\n")

    with pytest.raises(ValueError, match="unknown languages"):
        SYBIL.parse(page)


@pytest.mark.parametrize("block", ["console\n$ python -c 'print(1)'\n2", "python\nassert False"])
def test_a_block_that_is_wrong_fails(block: str, tmp_path: Path) -> None:
    """The runner compares, and does not only run."""
    page = tmp_path / "page.md"
    page.write_text(f"```{block}\n```\n")
    [example] = SYBIL.parse(page).examples()

    with pytest.raises((SybilFailure, AssertionError)):
        example.evaluate()
