"""A real S3 server on this machine, for as long as a block runs."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import obstore
from obstore.store import S3Store

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testkey",
    "AWS_SECRET_ACCESS_KEY": "testsecret123",
    "AWS_REGION": "us-east-1",
}
PARTS = ("s3", "filer", "master", "volume", "admin")


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """SeaweedFS with one bucket, `models`; the environment in which clients find it.

    Args:
        folder: an empty one, for its data and its log.
    """
    ports = free_ports(2 * len(PARTS))
    words = [f"-{part}.port={ports.pop()}" for part in PARTS]
    words += [f"-{part}.port.grpc={ports.pop()}" for part in PARTS]
    words += [f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-bucket=models"]
    words += ["-admin.ui=false", "-webdav=false", "-master.telemetry=false"]
    port = words[0].partition("=")[2]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["weed", "mini", *words], env=os.environ | ENVIRONMENT, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, server)
        store = S3Store(
            "models",
            config={k.lower(): v for k, v in ENVIRONMENT.items()} | {"aws_endpoint": url},
            client_options={"allow_http": True},
        )
        obstore.put(store, "there", b"")  # the bucket is made when first something is put
        yield ENVIRONMENT | {"AWS_ENDPOINT_URL": url}
    finally:
        server.terminate()
        server.wait(30)


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Until it refuses, as it should, whoever does not sign."""
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the S3 server does not answer; its log is in {server.args}")
