"""A real hub on this machine, in a process of its own, for as long as a block runs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2


@dataclass(frozen=True)
class Hub:
    """A hub that answers.

    Attributes:
        url: where.
        token: its admin's.
        folder: of its data.
        process: its own.
    """

    url: str
    token: str
    folder: Path
    process: subprocess.Popen[str]

    def account(self, name: str) -> str:
        """Make an account; its token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx2.post(f"{self.url}/api/v1/accounts", json={"name": name}, headers=headers)
        answer.raise_for_status()
        token: str = answer.json()["token"]
        return token

    def ask(self, method: str, path: str, token: str | None = None, **options) -> httpx2.Response:
        """A request, as whoever has the token."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        headers |= options.pop("headers", {})
        return httpx2.request(method, f"{self.url}/api/v1{path}", headers=headers, **options)


@contextmanager
def hub_server(folder: Path, *words: str) -> Iterator[Hub]:
    """Run `dlv serve`.

    Args:
        folder: of its data.
        words: further options.
    """
    command = [sys.executable, "-m", "modelhub.cli", "serve", "--port", "0", "--data", str(folder)]
    process = subprocess.Popen([*command, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.startswith("serving "):
                break
        url = re.search(r"http://\S+:\d+", said)
        token = re.search(r"mh_\w+", said)
        assert url is not None, said
        yield Hub(url[0], token[0] if token else "", folder, process)
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(60)
