"""Writes knowledge/communes.tsv from the official list: `python scripts/communes.py ARCHIVE.tgz`.

ARCHIVE is the npm package @etalab/decoupage-administratif (MIT), as `npm pack` brings it: the
Code officiel géographique with postcodes and populations.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "knowledge" / "communes.tsv"
MEMBER = "package/data/communes.json"


def main(archive: str) -> None:
    """Reads the archive and writes the list, sorted by INSEE code."""
    with tarfile.open(archive) as package:
        file = package.extractfile(MEMBER)
        if file is None:
            sys.exit(f"{archive} : {MEMBER} manque")
        communes = json.load(file)
    rows = sorted(
        (c["code"], c["nom"], " ".join(c.get("codesPostaux", ())), str(c.get("population", 0)))
        for c in communes
        if c["type"] in ("commune-actuelle", "arrondissement-municipal")
    )
    lines = ["\t".join(row) for row in [("insee", "name", "postcodes", "population"), *rows]]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(rows)} communes : {TARGET}")


if __name__ == "__main__":
    main(*sys.argv[1:])
