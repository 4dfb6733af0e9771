"""YAML that remembers its lines, so that a mistake is shown where it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

# The one written in C where PyYAML has it: ten times as quick, and the catalogue is large.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Located:
    """A YAML file, its data and the line of every value.

    Attributes:
        path: The file.
        data: What `yaml.safe_load` gives.
    """

    def __init__(self, path: Path) -> None:
        """Reads the file.

        Raises:
            yaml.YAMLError: The text is not YAML; the error carries its line.
            UnicodeDecodeError: The file is not UTF-8.
            OSError: The file cannot be read.
        """
        self.path = path
        text = path.read_text(encoding="utf-8")
        loader = _LOADER(text)
        try:
            self._root = loader.get_single_node()
            self.data: Any = loader.construct_document(self._root) if self._root else None
        finally:
            loader.dispose()

    def repeated_keys(self) -> Iterator[tuple[str, int]]:
        """Yields each key written twice in one block, with its line: YAML drops the first."""
        todo = [self._root]
        while todo:
            node = todo.pop()
            if isinstance(node, yaml.SequenceNode):
                todo += node.value
            elif isinstance(node, yaml.MappingNode):
                seen = set()
                for key, value in node.value:
                    if key.value in seen:
                        yield str(key.value), int(key.start_mark.line) + 1
                    seen.add(str(key.value))
                    todo.append(value)

    def line(self, where: Sequence[str | int]) -> int:
        """Returns the line, from 1, of the value at a path of keys and indices.

        Where the path stops being in the file, the line of the last part that is.
        """
        node = self._root
        for part in where:
            child = _child(node, part)
            if child is None:
                break
            node = child
        return int(node.start_mark.line) + 1 if node is not None else 1


def _child(node: Any, part: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None
