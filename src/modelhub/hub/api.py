"""The service: all routes, and how they fail."""

from fastapi import FastAPI

from modelhub._version import __version__
from modelhub.hub.account_routes import account_routes
from modelhub.hub.accounts import Accounts
from modelhub.hub.answers import Callers, add_failures
from modelhub.hub.huggingface import huggingface_routes
from modelhub.hub.library import Library
from modelhub.hub.protocol_routes import object_routes, ref_routes
from modelhub.hub.search import search_routes


def application(library: Library, accounts: Accounts) -> FastAPI:
    """The whole service, as an ASGI application."""
    app = FastAPI(title="ModelHub", version=__version__, docs_url=None, redoc_url=None)
    callers = Callers(accounts)
    app.include_router(account_routes(accounts, callers))
    app.include_router(search_routes(library, callers))
    app.include_router(ref_routes(library, callers))
    app.include_router(object_routes(library, callers))
    app.include_router(huggingface_routes(library, callers))
    add_failures(app)

    @app.get("/healthz", include_in_schema=False)
    def healthy() -> dict[str, str]:
        """Whether it answers."""
        return {"status": "ok", "version": __version__}

    return app
