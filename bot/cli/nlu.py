"""`passerelle nlu …`"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot import settings as configuration
from bot.cli.french import Command, Group, click
from bot.dialogue import evaluation
from bot.dialogue.rasa import RasaEngine
from bot.settings import ROOT
from bot.supervisor import DIALOGUE_PYTHON
from knowledge import catalogue

START_SECONDS = 120


@click.group(cls=Group)
def nlu() -> None:
    """La compréhension : la mesurer."""


@nlu.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--json",
    "json_out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Écrit aussi les chiffres dans ce fichier.",
)
def evaluate(file: Path, json_out: Path | None) -> None:
    """Mesure la compréhension sur FILE : des phrases étiquetées (id, style, text)."""
    try:
        rows = evaluation.read(file)
    except evaluation.BadFile as error:
        click.echo(f"Erreur : {error}", err=True)
        raise click.exceptions.Exit(2) from error
    outcomes = asyncio.run(_run(rows))
    figures = evaluation.figures(outcomes, catalogue.load())
    _print(figures, evaluation.most_confused(outcomes))
    if json_out:
        json_out.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")


async def _run(rows: list[evaluation.Row]) -> list[evaluation.Outcome]:
    async with _engine() as engine:
        return await evaluation.run(engine, rows)


@contextlib.asynccontextmanager
async def _engine() -> AsyncIterator[RasaEngine]:
    """The engine in service if it answers, otherwise one of our own for the time of the measure."""
    settings = configuration.load()
    engine = RasaEngine(settings.engines, settings.engine_time_limit)
    if await engine.ready():
        yield engine
        await engine.close()
        return
    await engine.close()
    port = _free_port()
    click.echo("Démarrage d'un moteur pour la mesure…", err=True)
    process = subprocess.Popen(
        [str(DIALOGUE_PYTHON), "-m", "bot.rasa", "serve", "--port", str(port),
         "--model", str(settings.var / "models")],
        cwd=ROOT,
    )  # fmt: skip
    engine = RasaEngine([f"http://127.0.0.1:{port}"], settings.engine_time_limit)
    try:
        end = time.monotonic() + START_SECONDS
        while not await engine.ready():
            if process.poll() is not None or time.monotonic() > end:
                click.echo("Le moteur n'a pas démarré. Lancez : make train", err=True)
                raise click.exceptions.Exit(1)
            await asyncio.sleep(0.5)
        yield engine
    finally:
        await engine.close()
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print(figures: dict[str, Any], confused: list[tuple[str, str, int]]) -> None:
    for name, value in figures.items():
        if isinstance(value, int | float) or value is None:
            click.echo(f"{name:22} {value if value is None else round(value, 4)}")
    for title in ("per_style", "per_id"):
        click.echo(f"\n{title}")
        for name, row in figures[title].items():
            click.echo(
                f"  {name:32} {row['rows']:4}  top1 {row['top1']:.3f}  top3 {row['top3']:.3f}"
            )
    click.echo("\nconfusions (attendu, obtenu, fois)")
    for expected, got, count in confused:
        click.echo(f"  {expected:32} {got:32} {count}")
    for case in figures["confusions"]:
        click.echo(
            f"  {case['expected']} → {case['got']} ({case['confidence']}) : {case['text'][:100]}"
        )
