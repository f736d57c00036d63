"""Tests of `modelhub.hub.api`."""

import httpx2

from modelhub.hub import application

PATHS = {
    "/api/v1/protocol",
    "/api/v1/whoami",
    "/api/v1/accounts",
    "/api/v1/tokens",
    "/api/v1/tokens/{label}",
    "/api/v1/search",
    "/api/v1/{namespace}/models",
    "/api/v1/{namespace}/models/{name}",
    "/api/v1/{namespace}/refs/{name}",
    "/api/v1/{namespace}/missing",
    "/api/v1/{namespace}/objects/{id_}",
}


def test_every_route_is_described(library, accounts):
    """OpenAPI, with a summary of each, made from the routes themselves."""
    described = application(library, accounts).openapi()

    assert set(described["paths"]) == PATHS
    for methods in described["paths"].values():
        for each in methods.values():
            assert each["description"]


def test_it_says_that_it_is_well(hub):
    """Without a token."""
    assert httpx2.get(f"{hub.url}/healthz").json()["status"] == "ok"


def test_a_page_that_is_not_there_is_told_as_all_failures(hub):
    answer = httpx2.get(f"{hub.url}/no/such/page")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"
