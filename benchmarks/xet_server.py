"""A loopback server that takes Xet uploads, so that `hf_xet` can be measured without a hub.

    python benchmarks/xet_server.py FOLDER

It prints its address, and writes what clients send into FOLDER: xorbs, which hold the chunks,
and shards, which say how files are made of them. Nothing is verified, nothing can be read back,
and no chunk is known already; so a client does all of its own work, and the server next to none.

Source: https://huggingface.co/docs/xet, and the calls of hf_xet 1.8.
"""

import argparse
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE, Popen
from sys import executable
from uuid import uuid4

PIECE = 1 << 20
_XORB = re.compile(r"/v1/xorbs/[a-z]+/([0-9a-f]{64})")


class Handler(BaseHTTPRequestHandler):
    """Takes xorbs and shards; anything else is not there, which the client copes with."""

    protocol_version = "HTTP/1.1"  # one connection for many requests
    folder = Path()

    def do_GET(self) -> None:
        """No chunk is known from elsewhere, and there is no second version of anything."""
        self._answer(404, {"error": "not found"})

    def do_POST(self) -> None:
        xorb = _XORB.fullmatch(self.path)
        if xorb is not None:
            self._keep(f"{xorb[1]}.xorb")
            self._answer(200, {"was_inserted": True})
        elif self.path == "/v1/shards":
            self._keep(f"{uuid4().hex}.shard")
            self._answer(200, {"result": 1})
        else:
            for _ in self._body():
                pass
            self._answer(404, {"error": "not found"})

    def _keep(self, name: str) -> None:
        with (self.folder / name).open("wb") as file:
            file.writelines(self._body())

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", 0))
        while left and (piece := self.rfile.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def _answer(self, status: int, value: object) -> None:
        raw = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Say nothing of single requests."""


@contextmanager
def xet_server(folder: Path) -> Iterator[str]:
    """The address of a server, in a process of its own, that writes into a folder."""
    with Popen([executable, __file__, str(folder)], stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    Handler.folder = parser.parse_args().folder
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
