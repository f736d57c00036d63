"""Tests of `modelhub.remotes.addresses`."""

import pytest

from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError
from modelhub.remotes import (
    add_remote,
    address_of,
    check_address,
    hub_of,
    open_remote,
    remotes_of,
    remove_remote,
)


def test_a_folder_has_one_address(tmp_path):
    """However it is written."""
    url = (tmp_path / "my models").as_uri()

    assert check_address(url) == url
    assert check_address(str(tmp_path / "my models")) == url
    assert check_address(url.replace("file://", "file://localhost")) == url


def test_a_bucket_has_one_address():
    """Whatever is escaped in it; a prefix climbs nowhere."""
    assert check_address("s3://models") == "s3://models"
    assert check_address("s3://models/a b//c/") == "s3://models/a%20b/c"
    for wrong in ("s3://", "s3://A_B/x", "s3://models/../x", "s3://models/x?y=1", "s3://u:p@b/x"):
        with pytest.raises(InputError):
            check_address(wrong)


def test_a_namespace_has_one_address():
    """Of a hub that is spoken to by HTTP."""
    assert check_address("https://Hub.Example/alice/") == "https://hub.example/alice"
    assert check_address("http://127.0.0.1:80/a-1") == "http://127.0.0.1:80/a-1"
    assert check_address("http://[::1]:8080/alice") == "http://[::1]:8080/alice"
    assert hub_of("https://Hub.Example/alice/net") == "https://hub.example"
    for wrong in (
        *("https://hub", "https://hub/", "https://hub/a/b", "https://hub/A", "https://hub/.."),
        *("https://u:p@hub/alice", "https://@hub/alice", "https://hub:x/alice", "https:///alice"),
        *("https://hub/al%2fice", "https://h b/alice", "https://hub:99999/alice", "https://-/al"),
    ):
        with pytest.raises(InputError) as caught:
            check_address(wrong)
        assert "\n" not in str(caught.value)


def test_a_password_is_not_repeated():
    """Lines of errors are kept in logs."""
    with pytest.raises(InputError, match="no user or password") as caught:
        check_address("https://alice:secret@hub/x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "models",
            "http://host/x",
            "s3://b/x",
            "s3://bucket/../x",
            "file://host/x",
            "file:",
            "file:///a?b",
        ),
        *("file:///a#b", "file:///a%00b", "file:///a\nb", "file:///" + "a" * 3000, "javascript:x"),
    ],
)
def test_what_is_no_address_is_refused(address):
    """In one line."""
    with pytest.raises(InputError) as caught:
        check_address(address)
    assert "\n" not in str(caught.value)


def test_remotes_have_names(here, tmp_path):
    """That are kept with the repository, and stand for their addresses."""
    url = (tmp_path / "a").as_uri()
    assert remotes_of(here) == {}
    assert add_remote(here, "origin", str(tmp_path / "a")) == url
    add_remote(here, "origin", url)
    with pytest.raises(ConflictError, match="dlv remote remove origin"):
        add_remote(here, "origin", str(tmp_path / "b"))
    with pytest.raises(InputError):
        add_remote(here, "a name", url)

    assert remotes_of(here) == {"origin": url}
    assert address_of(here, "origin") == address_of(here, url) == url
    with pytest.raises(NotFoundError, match="did you mean origin"):
        address_of(here, "originn")
    assert remove_remote(here, "origin") == url
    with pytest.raises(NotFoundError):
        remove_remote(here, "origin")


@pytest.mark.parametrize("text", ["", "[]", '{"remotes": 5}', '{"remotes": {"a": 5}}'])
def test_a_damaged_file_of_names_says_what_to_do(here, text):
    """Nothing else is in it."""
    here.layout.remotes.write_text(text)

    with pytest.raises(IntegrityError, match="name the remotes again"):
        remotes_of(here)


def test_a_remote_is_made_only_when_asked(tmp_path):
    """Looking makes nothing."""
    with pytest.raises(NotFoundError):
        open_remote(str(tmp_path / "r"))
    assert not (tmp_path / "r").exists()
    open_remote(str(tmp_path / "r"), create=True)
    assert open_remote(str(tmp_path / "r")).models() == []
