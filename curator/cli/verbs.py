"""The Typer application that all verbs register with."""

from __future__ import annotations

from pathlib import Path

import typer

from curator.cli import (
    checking,
    cleaning,
    correcting,
    data,
    evaluating,
    freezing,
    ingesting,
    linting,
    measuring,
    profiles,
    queueing,
    reviewing,
    setup,
    training,
)

app = typer.Typer(
    name="curator",
    help="Turn a local agent's own session logs into fine-tuning data and adapters that can be trusted.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Open the screens when no verb is given."""
    if context.invoked_subcommand is None:
        from curator.cli import open_screens

        open_screens(Path())


for module in (
    ingesting,
    linting,
    reviewing,
    queueing,
    correcting,
    checking,
    measuring,
    cleaning,
    data,
    freezing,
    training,
    evaluating,
    profiles,
    setup,
):
    module.register(app)
