"""Storage plans of repositories, made and carried out."""

import numpy as np
import pytest
from kindred import are_equal, fill, fill_files, tuned, weights

from modelhub import durable
from modelhub.dlv.operations.archive import ArchiveOptions, archive
from modelhub.dlv.operations.commit import commit_state
from modelhub.dlv.operations.du import disk_usage
from modelhub.dlv.operations.fsck import check, rebuild
from modelhub.dlv.operations.gc import collect_garbage
from modelhub.dlv.operations.names import remove, restore
from modelhub.dlv.repository import Repository
from modelhub.errors import BudgetError, ConflictError, InputError, NotFoundError, StorageError
from modelhub.pas import Retrieval


@pytest.fixture
def kindred(repository, save):
    """Versions that are deltas already, and snapshots of one commit, which are whole."""
    fill(repository)
    fill_files(repository, save)
    return repository


def options(**given):
    return ArchiveOptions(**given)


def bases(repository):
    rows = repository.catalog.ask(
        "select tensor.id, copy.base from copy join tensor on tensor.key = copy.tensor"
        " where copy.base is not null"
    )
    return {row.id: row.base for row in rows}


def test_snapshots_of_one_commit_become_deltas(kindred):
    """Fewer bytes, after `gc` on the disk, too; every tensor is read back as it was."""
    before, ids = weights(kindred), [version.id for version in kindred]
    objects = disk_usage(kindred).objects
    done = archive(kindred, ["run"], options=options(alpha=10))

    assert done.after < 0.8 * done.before
    assert done.moved >= 6
    assert done.bound <= done.after * 1.02
    assert are_equal(weights(kindred), before)
    assert [version.id for version in kindred] == ids
    assert check(kindred).is_clean
    freed = collect_garbage(kindred)
    assert freed.leftovers == 0
    assert disk_usage(kindred).objects == objects + done.written - freed.freed
    assert disk_usage(kindred).objects < 0.9 * objects
    assert are_equal(weights(kindred), before)
    assert check(kindred).is_clean


def test_a_dry_run_announces_what_is_done(kindred):
    """It changes nothing; sizes are those of the run, within 3 %."""
    stored = bases(kindred)
    planned = archive(kindred, options=options(alpha=10, dry_run=True))
    assert bases(kindred) == stored
    assert planned.dry_run
    done = archive(kindred, options=options(alpha=10))

    assert done.moved == planned.moved > 0
    assert abs(done.after - planned.after) < 0.03 * done.after
    assert 0 < done.written <= done.peak


def test_a_second_run_has_nothing_to_do(kindred):
    """What is stored as planned stays."""
    archive(kindred, options=options(alpha=10))
    again = archive(kindred, options=options(alpha=10))

    assert (again.moved, again.written, again.peak) == (0, 0, 0)
    assert again.after == again.before


def test_whole_and_back(kindred):
    """The fastest plan has no deltas; the smallest one has them again, in other chains."""
    before = weights(kindred)
    fast = archive(kindred, options=options(alpha=1))
    assert bases(kindred) == {}
    assert fast.recreation_after.worst == pytest.approx(fast.recreation_least.worst)
    small = archive(kindred, options=options(optimizer="mst"))

    assert bases(kindred)
    assert small.after < 0.8 * fast.after
    assert are_equal(weights(kindred), before)
    assert check(kindred).is_clean
    collect_garbage(kindred)
    assert are_equal(weights(kindred), before)


def test_the_default_says_which_alpha_it_took(kindred):
    """Where one delta fits; every snapshot keeps to it."""
    done = archive(kindred)

    assert done.alpha > 1
    assert done.tightest_share <= 1 + 1e-9
    assert done.recreation_after.worst <= done.alpha * done.recreation_least.worst * (1 + 1e-9)


@pytest.mark.parametrize("retrieval", list(Retrieval))
@pytest.mark.parametrize("per_version", [False, True])
def test_every_retrieval_and_grouping(kindred, retrieval, per_version):
    """Snapshots that share matrices are fine, too."""
    commit_state(kindred, "same", tuned(0) | {"more": np.ones(2000, np.float32)})
    before = weights(kindred)
    done = archive(kindred, options=options(retrieval=retrieval, per_version=per_version))

    assert done.snapshots == (6 if per_version else 9)
    assert are_equal(weights(kindred), before)
    assert check(kindred).is_clean


def test_budgets_by_revision(kindred):
    """A version, a snapshot; those that nobody names have none."""
    planned = archive(kindred, options=options(budgets={"net@2": 60.0, "run@1/step-1": 60.0}))
    assert planned.alpha is None
    with pytest.raises(BudgetError, match=r"snapshot 'run@1/step-1' cannot .* at least"):
        archive(kindred, options=options(budgets={"run@1/step-1": 1e-9}))
    with pytest.raises(BudgetError):
        archive(kindred, options=options(budget=1e-9))


def test_each_matrix_is_explained(kindred):
    """What it leans on, by the name of a revision, and why."""
    rows = archive(kindred, options=options(alpha=10, explained="run@1/step-2")).explained
    assert [row.name for row in rows] == ["conv", "fc"]
    assert all((row.base is None) == (row.depth == 0) for row in rows)
    assert any(row.base and row.base.startswith("run@1/") for row in rows)
    whole = archive(kindred, options=options(alpha=1, explained="run@1/step-2")).explained
    assert all("does not allow that" in row.why for row in whole)


@pytest.mark.usefixtures("kindred")
def test_what_cannot_be_planned(repository):
    """Each in one line."""
    for wrong, error, text in (
        ({"alpha": 0.9}, InputError, "at least 1"),
        ({"alpha": 2.0, "budget": 1.0}, InputError, "one of them"),
        ({"optimizer": "nope"}, NotFoundError, "there are: last, mst"),
    ):
        with pytest.raises(error, match=text):
            options(**wrong)
    for budgets in ({"nope": 1.0}, {"net@9": 1.0}, {"run@1/nope": 1.0}):
        with pytest.raises(NotFoundError):
            archive(repository, options=options(budgets=budgets))
    with pytest.raises(NotFoundError):
        archive(repository, ["nope"])
    with pytest.raises(NotFoundError, match="planned"):
        archive(repository, ["net"], options=options(budgets={"run": 1.0}))
    with pytest.raises(NotFoundError, match="planned"):
        archive(repository, ["net"], options=options(explained="run"))


def test_an_empty_repository(repository):
    """And one with small tensors only: there is nothing to plan."""
    with pytest.raises(InputError, match="nothing to plan"):
        archive(repository)
    commit_state(repository, "tiny", {"w": np.ones(3, np.float32)})
    with pytest.raises(InputError, match="nothing to plan"):
        archive(repository)


def test_one_matrix(repository):
    """It is stored whole, and stays."""
    commit_state(repository, "one", {"w": tuned(1)["fc"]})
    done = archive(repository)

    assert (done.matrices, done.moved, done.alpha) == (1, 0, 1.0)


def test_versions_that_are_not_named_stay(kindred):
    """Even if what is named leans on them, or they on it."""
    stored = bases(kindred)
    before = weights(kindred)
    remove(kindred, ["net@1"])
    archive(kindred, ["net@2", "net@3"], options=options(alpha=1))
    now = bases(kindred)
    changed = {id_ for id_ in stored if stored[id_] != now.get(id_)}

    assert 0 < len(changed) <= 4
    restore(kindred, ["net@1"])
    assert are_equal(weights(kindred), before)
    assert check(kindred).is_clean


def test_chains_stay_short(repository):
    """A walk whose smallest plan is one long chain: at most seven bases, and one by a commit."""
    values = tuned(0)["fc"]
    rng = np.random.default_rng(0)
    states = []
    for _ in range(14):
        values = (values * (1 + 1e-3 * rng.normal(size=values.shape))).astype(np.float32)
        states.append({"w": values})
        commit_state(repository, "walk", states[-1])
    archive(repository, options=options(optimizer="mst", explained="walk"))
    rows = [
        archive(repository, options=options(optimizer="mst", dry_run=True, explained=f"walk@{n}"))
        for n in (1, 14)
    ]

    assert max(row.explained[0].depth for row in rows) <= 7
    for number, state in enumerate(states, 1):
        assert np.array_equal(repository[f"walk@{number}"].tensors["w"].numpy(), state["w"])
    assert check(repository).is_clean


def test_two_at_once(kindred, monkeypatch):
    """The one that comes second changes nothing, and says so; its objects are left to `gc`."""
    before = weights(kindred)
    original = Repository.writer

    def overtaken(self, **given):
        monkeypatch.setattr(Repository, "writer", original)
        with Repository.open(kindred.root) as other:
            archive(other, options=options(alpha=10))
        return original(self, **given)

    monkeypatch.setattr(Repository, "writer", overtaken)
    with pytest.raises(ConflictError, match="run it again"):
        archive(kindred, options=options(alpha=1))
    assert are_equal(weights(kindred), before)
    assert check(kindred).is_clean
    assert collect_garbage(kindred).leftovers > 0
    assert archive(kindred, options=options(alpha=10)).moved == 0


def test_what_is_freed_meanwhile(kindred, monkeypatch):
    """It is a conflict, no damage; the next run plans for what is left."""
    original = Repository.writer

    def beside(self, **given):
        monkeypatch.setattr(Repository, "writer", original)
        with Repository.open(kindred.root) as other:
            remove(other, ["run"])
            collect_garbage(other, grace_days=0)
        return original(self, **given)

    monkeypatch.setattr(Repository, "writer", beside)
    with pytest.raises(ConflictError, match="freed versions that were planned for"):
        archive(kindred, ["run"], options=options(alpha=10))
    assert check(kindred).is_clean
    assert archive(kindred).snapshots == 4


def test_commits_meanwhile(kindred, monkeypatch):
    """What is committed while copies are written may lean on what is stored anew."""
    original = Repository.writer

    def beside(self, **given):
        monkeypatch.setattr(Repository, "writer", original)
        with Repository.open(kindred.root) as other:
            commit_state(other, "net", tuned(77))
        return original(self, **given)

    monkeypatch.setattr(Repository, "writer", beside)
    archive(kindred, options=options(alpha=1))

    assert np.array_equal(kindred["net"].tensors["fc"].numpy(), tuned(77)["fc"])
    collect_garbage(kindred)
    assert check(kindred).is_clean
    assert np.array_equal(kindred["net"].tensors["fc"].numpy(), tuned(77)["fc"])


def test_what_a_killed_run_has_written_is_taken_over(kindred, monkeypatch):
    """The next run writes nothing a second time."""
    target = "modelhub.dlv.rewriting.switch"
    with monkeypatch.context() as patch:
        patch.setattr(target, lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            archive(kindred, options=options(alpha=10))
    again = archive(kindred, options=options(alpha=10))

    assert again.found == again.moved > 0
    assert again.written == 0
    assert check(kindred).is_clean
    assert collect_garbage(kindred).leftovers == 0


def test_too_little_room_is_refused_before_anything_is_written(kindred, monkeypatch):
    """It says how much is needed; a dry run still plans."""
    monkeypatch.setattr(durable, "free_bytes", lambda _: 1000)
    before = sorted(kindred.store.ids())
    with pytest.raises(StorageError, match=r"needs [\d,]+ bytes .* has 1,000"):
        archive(kindred, options=options(alpha=10))
    assert sorted(kindred.store.ids()) == before
    assert archive(kindred, options=options(alpha=10, dry_run=True)).moved > 0


def test_damage_is_found_before_the_switch(kindred):
    """A tensor that cannot be read is not stored anew; nothing changes."""
    stored = kindred.index.find_tensor(kindred["run"].tensors["fc"].id)
    place = stored.segments[-1].location
    path = next(kindred.layout.objects.rglob(f"*{place.pack[4:]}"))
    data = bytearray(path.read_bytes())
    data[place.offset + place.size // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    before = bases(kindred)
    with pytest.raises(Exception, match="run dlv fsck"):
        archive(kindred, options=options(alpha=10))
    assert bases(kindred) == before


def test_a_rebuilt_catalog_reads_everything(kindred):
    """Before `gc` it goes back to old copies, of fewest bases; after it, to what is left."""
    archive(kindred, options=options(alpha=10))
    before, planned = weights(kindred), bases(kindred)
    collect_garbage(kindred)
    root = kindred.root
    kindred.close()
    assert rebuild(root).lost == {}
    with Repository.open(root) as again:
        assert are_equal(weights(again), before)
        assert len(bases(again)) <= len(planned)
        assert check(again).is_clean
