"""A real S3 server on this machine, for as long as a block runs."""

import os
import secrets
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import obstore
from obstore.store import S3Store

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testkey",
    "AWS_SECRET_ACCESS_KEY": "testsecret123",
    "AWS_REGION": "us-east-1",
}
WEED = Path(sysconfig.get_path("scripts"), "weed")
PARTS = ("s3", "filer", "master", "volume", "admin")


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """SeaweedFS with one bucket, `models`; the environment in which clients find it.

    Args:
        folder: an empty one, for its data and its log.
    """
    for attempt in range(5):  # another process may take a port before the server does
        data = folder / str(attempt)
        data.mkdir()
        server, url = started(data)
        try:
            if answers(url, server):
                yield ENVIRONMENT | {"AWS_ENDPOINT_URL": url}
                return
        finally:
            server.terminate()
            server.wait(30)
    raise RuntimeError(f"the S3 server does not start; its logs are in {folder}")


def started(data: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The server, which may not answer yet, and its address."""
    ports = free_ports(2 * len(PARTS))
    words = [f"-{part}.port={ports.pop()}" for part in PARTS]
    words += [f"-{part}.port.grpc={ports.pop()}" for part in PARTS]
    words += [f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-bucket=models"]
    words += ["-admin.ui=false", "-webdav=false", "-master.telemetry=false"]
    words += ["-s3.port.iceberg=0", "-s3.port.lance=0"]  # else at ports of their own choice
    port = words[0].partition("=")[2]
    with (data / "log").open("wb") as log:
        server = subprocess.Popen(
            [WEED, "mini", *words], env=os.environ | ENVIRONMENT, stdout=log, stderr=log
        )
    return server, f"http://127.0.0.1:{port}"


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on, below those that connections are given."""
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            port = secrets.randbelow(20_000) + 10_000
            each = stack.enter_context(socket.socket())
            with suppress(OSError):
                each.bind(("127.0.0.1", port))
                found.append(port)
    return found


def answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Whether it comes to refuse, as it should, whoever does not sign, and takes an object."""
    config = {key.lower(): value for key, value in ENVIRONMENT.items()} | {"aws_endpoint": url}
    store = S3Store("models", config=config, client_options={"allow_http": True})
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            with suppress(obstore.exceptions.BaseError):
                obstore.put(store, "there", b"")  # makes the bucket, too
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False
