"""Runs Rasa without TensorFlow.

No component of our pipeline uses TensorFlow, but Rasa imports it everywhere for its neural
components: more than half of its start-up time and of its memory. This module puts an empty
stand-in in its place: classes can be derived from it and annotations can name it, nothing more.
Call `install` before anything of Rasa is imported.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional

ABSENT = frozenset(
    {"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "jax"}
)


class _Anything(type):
    """Lets a stand-in be read, indexed and used as a decorator."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not StandIn:
            raise RuntimeError("TensorFlow is not loaded: see bot/rasa/without_tensorflow.py")
        decorated = len(args) == 1 and callable(args[0]) and not kwargs
        return args[0] if decorated else StandIn


class StandIn(metaclass=_Anything):
    """What every name of an absent package is."""


class _StandInModule(ModuleType):
    __path__: list[str] = []
    __version__ = "0.0.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> Optional[ModuleSpec]:
        if fullname.partition(".")[0] in ABSENT:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: the module answers any name."""


def install() -> None:
    """Puts the stand-ins in place; does nothing the second time.

    Raises:
        RuntimeError: TensorFlow is already loaded.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if "tensorflow" in sys.modules:
        raise RuntimeError("TensorFlow is already loaded")
    sys.meta_path.insert(0, _Finder())
