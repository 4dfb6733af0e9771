"""`python -m bench`: trains what is missing, measures both systems, prints and writes the table."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import examples, machine, measures, passerelle, plain, report, results, streams
from bench.processes import ServerDied
from bench.results import ENGINE, PLAIN, SERVICE, Results
from bench.sizes import FULL, HOME, QUICK, ROOT, Size
from bench.startup import Started, passerelle_running, plain_running
from bench.texts import tell, text
from bench.training import Training, TrainingFailed

# What both systems and the client need at once, with room to spare.
TOGETHER_MB = 6000


class NoModel(Exception):
    """There is no model of Passerelle to measure."""


def main() -> int:
    """Runs the bench.

    Returns:
        0 when it went to its end, whatever the figures; 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to try the bench itself")
    parser.add_argument("--retrain", action="store_true", help="train both even if nothing changed")
    parser.add_argument("--epochs", type=int, default=0, help="of plain Rasa; 0: its default")
    parser.add_argument("--train-only", action="store_true", help="train, do not measure")
    options = parser.parse_args()
    # An order to end must not leave servers behind: `finally` runs on SystemExit.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    size = QUICK if options.quick else FULL
    if options.epochs:
        # The shorter way: one start of each, too.
        size = replace(size, epochs=options.epochs, starts=1)
    try:
        with alone():
            found = prepare(size, options.retrain)
            if options.train_only:
                tell("only_trained")
                return 0
            asyncio.run(measure(found))
            show(found)
    except BlockingIOError:
        tell("busy_already")
        return 1
    except NoModel:
        tell("no_model")
        return 1
    except (ServerDied, TrainingFailed) as error:
        tell("failed", reason=error)
        return 1
    return 0


@contextmanager
def alone(folder: Path = HOME) -> Iterator[None]:
    """Keeps a second bench away: each would spoil the other's figures.

    Args:
        folder: Where the lock is.

    Raises:
        BlockingIOError: Another one is running.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def prepare(size: Size, again: bool) -> Results:
    """Trains what is missing and describes what will be measured."""
    before = machine.describe()
    data = examples.some_of_each(examples.load(examples.training_files()), size.examples_per_intent)
    ours: Training | None = None
    if not size.quick:
        tell("training_ours")
        ours = passerelle.train(size, again)
        _tell_training(ours)
    tell("training_plain", examples=len(data))
    files = plain.project(data, size.epochs)
    trained = plain.train(size, files, machine.versions(), again)
    _tell_training(trained)
    return Results(
        size=size,
        # The load of before: afterwards, it would be our own trainings'.
        machine=before,
        versions=machine.versions(),
        examples=len(data),
        intents=len({intent for intent, _ in data}),
        sentences=len(examples.held_out()),
        together=machine.free_mb() > TOGETHER_MB,
        plain_training=trained,
        our_training=ours,
    )


def _tell_training(training: Training) -> None:
    tell(
        "training_done",
        seconds=f"{training.seconds:.0f}",
        cpu=f"{training.cpu_seconds:.0f}",
        day=training.trained_at[:10],
    )


def our_model(size: Size) -> Path:
    """Returns the folder of the model to serve: a quick run takes the one in service.

    Raises:
        NoModel: There is none.
    """
    folder = ROOT / "var" / "models" if size.quick else passerelle.home(size)
    if not any(folder.glob("*.tar.gz")):
        raise NoModel
    return folder


async def measure(found: Results) -> None:
    """Takes all measures, into the results."""
    size = found.size
    model = our_model(size)
    for number in range(size.starts):
        tell("starting", number=number + 1, total=size.starts)
        for running in (plain_running(size), passerelle_running(size, model)):
            async with running as started:
                found.started(started.seconds)
    if found.together:
        async with plain_running(size) as first, passerelle_running(size, model) as second:
            await _measure([first, second], found)
        return
    tell("apart")
    async with plain_running(size) as first:
        await _measure([first], found)
    async with passerelle_running(size, model) as second:
        await _measure([second], found)


async def _measure(running: list[Started], found: Results) -> None:
    size, sentences = found.size, examples.timed_sentences()
    systems: dict[str, Any] = {}
    pids: dict[str, int] = {}
    for started in running:
        systems |= started.systems
        pids |= {name: server.pid for name, server in started.servers.items()}
    await measures.all_turns(list(systems.values()), sentences, size, found.measured)
    for name, pid in pids.items():
        found.memory_mb[name] = machine.resident_mb(pid)
    tell("measuring.accuracy")
    judged = [systems[name] for name in (PLAIN, ENGINE) if name in systems]
    await measures.accuracy(judged, size, found.measured)
    if SERVICE in systems:
        tell("measuring.streams", streams=size.streams)
        found.held = await streams.measure(
            systems[SERVICE],
            sentences,
            size.streams,
            size.deliveries,
            lambda: machine.resident_mb(pids[SERVICE]),
        )


def show(found: Results) -> None:
    """Prints the table and writes it."""
    drawn = results.lines(found)
    print()
    if found.size.quick:
        tell("quick_warning")
    if report.busy(found):
        load = report.number(found.machine["load"])
        tell("busy_warning", load=load, cores=found.machine["cores"])
    print(report.table(drawn))
    written = report.publish(found, drawn)
    print(text("written", paths=", ".join(str(p.relative_to(ROOT)) for p in written)))


if __name__ == "__main__":
    sys.exit(main())
