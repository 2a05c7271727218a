"""Real changes to repositories on one night, such as a new name or a force push."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.support.forge.night_stage import Stage
from tests.support.git import git

Inject = Callable[[Stage], None]


def unlist(*names: str, still_there: bool = True) -> Inject:
    """Return a fault that removes repositories from the listing, and optionally from the forge."""

    def inject(stage: Stage) -> None:
        gone = [stage.get(name) for name in names]
        stage.world.repositories[:] = [
            entry for entry in stage.world.repositories if entry not in gone
        ]
        stage.world.elsewhere.extend(gone if still_there else ())

    return inject


def real_changes(forge: str) -> dict[str, Inject]:
    """Return the possible changes on one forge, by name. `Stage.begin` reverts them."""

    def set_field(name: str, value: object, stage: Stage) -> None:
        setattr(stage.get("c"), name, value)

    changes: dict[str, Inject] = {
        "c is archived": partial(set_field, "archived", True),
        "c is disabled": partial(set_field, "disabled", True),
        "c becomes a fork": partial(set_field, "fork", True),
        "c becomes public": partial(set_field, "visibility", "public"),
        "c becomes private": partial(set_field, "visibility", "private"),
        "c becomes a template": partial(set_field, "template", True),
        "c loses its topics and languages": partial(set_field, "languages", ("Go",)),
        "c is renamed": partial(set_field, "name", "acme/renamed"),
        "c is transferred": _transfer,
        "c is empty": _empty,
        "the default branch of c is renamed": _rename_branch,
        "c has no default branch": partial(_point_head, "nowhere"),
        "b and c swap names": _swap_names,
        "c is force-pushed": _rewrite,
    }
    if forge.startswith("gitlab"):
        changes["c will be deleted"] = _delete_later
    return changes


def _transfer(stage: Stage) -> None:
    lost = stage.get("c")
    unlist("c")(stage)
    lost.name = "other/c"


def _delete_later(stage: Stage) -> None:
    lost = stage.get("c")
    unlist("c")(stage)
    lost.deletion_on = "2026-03-09"


def _empty(stage: Stage) -> None:
    stage.get("c").empty = True
    stage.set_tip(stage.get("c"), None)


def _rename_branch(stage: Stage) -> None:
    entry = stage.get("c")
    stage.set_tip(entry, stage.tip("c", 1), "trunk")
    entry.branch = "trunk"


def _point_head(branch: str, stage: Stage) -> None:
    entry = stage.get("c")
    assert entry.git_dir is not None
    (entry.git_dir / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    entry.branch = branch


def _swap_names(stage: Stage) -> None:
    b, c = stage.get("b"), stage.get("c")
    b.name, c.name = c.name, b.name


def _rewrite(stage: Stage) -> None:
    entry = stage.get("c")
    assert entry.git_dir is not None
    stage.set_tip(entry, git(entry.git_dir, "rev-parse", "main~1").strip())
