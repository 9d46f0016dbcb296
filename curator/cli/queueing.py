"""The verb that shows the queue: which turns come first, and why."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from curator.cli.context import as_json, print_json, reviewer, say, table, verb, workspace
from curator.review.ordering import ORDERINGS, Arranged, Plan, Wanted, arrange, order_name
from curator.review.remembering import remember_plan, remembered_plan
from curator.store import Filter, Store

_SHOWN = 20
_NAMES = ", ".join(ordering.name for ordering in ORDERINGS)


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("queue")(verb(queue))


def queue(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="Words such as tier:code.")
    ] = None,
    order: Annotated[
        str | None, typer.Option(metavar="O", help=f"{_NAMES}; default: the one you work in.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Draws the audit sample.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="Most turns to list.")] = _SHOWN,
    keep: Annotated[bool, typer.Option("--keep", help="Work in this order from now on.")] = False,
) -> None:
    """Show which turns come first in an order of the queue, and why."""
    home = workspace()
    standing = remembered_plan(home, reviewer())
    plan = Plan(order_name(order) if order else standing.order, standing.seed if seed is None else seed)
    wanted = Wanted(reviewer(), (), home.profile.quality)
    if plan.order == "ratio":
        from curator.datasets import count
        from curator.datasets.shortage import lacking

        wanted = wanted._replace(lacking=lacking(count(home.store, profile=home.profile), home.profile))
    arranged = arrange(home.store, plan, wanted, Filter.parse(" ".join(query or ())))
    if keep:
        remember_plan(home, reviewer(), plan)
    _print(home.store, arranged, limit)


def _print(store: Store, arranged: Arranged, limit: int) -> None:
    ids = list(arranged.ids[:limit])
    rows = store.turns.rows(ids)
    if as_json():
        shown = [msgspec.to_builtins(row) | {"why": arranged.why.get(row.id, "")} for row in rows]
        plan = {"order": arranged.plan.order, "seed": arranged.plan.seed}
        print_json({**plan, "sentence": arranged.sentence, "total": len(arranged.ids), "turns": shown})
        return
    say(arranged.sentence)
    heading = ["turn", "tier", "calls", "errors", "warnings", "suspicion", "why"]
    lines = [
        [str(r.id), r.tier, str(r.calls), str(r.errors), str(r.warnings), f"{r.suspicion:g}", w]
        for r in rows
        for w in [arranged.why.get(r.id, "")]
    ]
    table([heading, *lines], right=frozenset({0, 2, 3, 4, 5}))
    say(f"{len(rows)} of {len(arranged.ids)} turns.")
