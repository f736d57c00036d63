"""Every path inside `.dlv/`, and nothing else (docs/spec/repository.md §1)."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = ".dlv"
FORMAT = 1
FORMAT_LINE = "dlv repository {}\n"


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a repository whose hidden folder is `folder`."""

    folder: Path

    @property
    def format(self) -> Path:
        """One line that says which version of the format this is."""
        return self.folder / "format"

    @property
    def catalog(self) -> Path:
        """The SQLite catalog."""
        return self.folder / "catalog.db"

    @property
    def objects(self) -> Path:
        """The packs."""
        return self.folder / "objects"

    @property
    def staging(self) -> Path:
        """What `dlv add` remembers until `dlv commit`."""
        return self.folder / "staging.json"

    @property
    def remotes(self) -> Path:
        """The names of remotes."""
        return self.folder / "remotes.json"

    @property
    def transit(self) -> Path:
        """Packs on their way from or to a remote."""
        return self.folder / "transit"

    @property
    def costs(self) -> Path:
        """How fast machines were; may be deleted."""
        return self.folder / "costs.json"

    @property
    def temporary(self) -> Path:
        """Files that are being written, one folder a writer."""
        return self.folder / "tmp"

    @property
    def runs(self) -> Path:
        """What `evaluate` has tried, one folder a run (docs/spec/runs.md)."""
        return self.folder / "runs"

    @property
    def queries(self) -> Path:
        """Saved queries, one file each."""
        return self.folder / "queries"

    @property
    def lock(self) -> Path:
        """The file that carries the advisory locks."""
        return self.folder / "lock"
