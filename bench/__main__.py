"""Temporary."""
import sys
from bench import examples, plain
from bench.sizes import FULL, QUICK
from bench import machine

size = QUICK if "--quick" in sys.argv else FULL
data = examples.some_of_each(examples.load(examples.training_files()), size.examples_per_intent)
files = plain.project(data, size.epochs)
print(len(data))
print(plain.train(size, files, machine.versions(), False))
