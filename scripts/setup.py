"""Creates the project's two environments and installs the hashed lists, showing each long step.

    python3 scripts/setup.py web|dev [dialogue|dialogue-dev]

Runs on a bare Python, of any version from 3.8: it looks for the right ones. Does nothing when what
is installed is already what the lists say.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
WEB = ROOT / ".venv"
DIALOGUE = ROOT / ".venv-dialogue"
# A list that holds another one satisfies it too.
HOLDS = {"web": ("web", "dev"), "dev": ("dev",), "dialogue": ("dialogue", "dialogue-dev"),
         "dialogue-dev": ("dialogue-dev",)}  # fmt: skip
LAUNCHER = """#!{python}
import sys
sys.path.insert(0, {root!r})
from bot.cli import main
main()
"""


def main(lists):
    """Installs the given lists, in order."""
    for name in lists:
        folder = WEB if name in ("web", "dev") else DIALOGUE
        if _installed(folder, name):
            continue
        begin = time.monotonic()
        print(f"▸ Installation de l'environnement « {name} » (plusieurs minutes la première fois)…",
              flush=True)  # fmt: skip
        if folder == WEB:
            _web(name)
        else:
            _dialogue(name)
        (folder / ".installed").write_text(f"{name} {_digest(name)}\n", encoding="utf-8")
        print(f"  fait en {time.monotonic() - begin:.0f} s", flush=True)


def _digest(name):
    text = (REQUIREMENTS / f"{name}.txt").read_bytes()
    return hashlib.sha256(text).hexdigest()


def _installed(folder, name):
    stamp = folder / ".installed"
    if not stamp.exists() or not _python(folder).exists():
        return False
    done, digest = stamp.read_text(encoding="utf-8").split()
    return done in HOLDS[name] and digest == _digest(done)


def _python(folder):
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _web(name):
    if not _python(WEB).exists():
        python = _find((3, 11), exact=False)
        if python:
            _run([python, "-m", "venv", str(WEB)])
        elif shutil.which("uv"):
            _run(["uv", "venv", "--seed", "--python", "3.11", str(WEB)])
        else:
            sys.exit("Il faut Python 3.11 ou plus récent (ou uv, qui le télécharge).")
    _run([str(_python(WEB)), "-m", "pip", "install", "--disable-pip-version-check", "-q",
          "--progress-bar", "on", "--require-hashes",
          "-r", f"requirements/{name}.txt"])  # fmt: skip
    launcher = _python(WEB).parent / "passerelle"
    launcher.write_text(LAUNCHER.format(python=_python(WEB), root=str(ROOT)), encoding="utf-8")
    launcher.chmod(0o755)


def _dialogue(name):
    # uv is in the web list: it finds Python 3.10, or fetches it where it is missing.
    uv = str(_python(WEB).parent / "uv")
    if not _python(DIALOGUE).exists():
        python = _find((3, 10), exact=True)
        _run([uv, "venv", "-q", "--python", python or "3.10", str(DIALOGUE)])
    _run([uv, "pip", "install", "--python", str(_python(DIALOGUE)), "--require-hashes",
          "-r", f"requirements/{name}.txt"])  # fmt: skip


def _find(version, exact):
    """Returns a Python of this version (or newer, when not exact) that really runs, or None."""
    names = ["python{}.{}".format(*version)]
    if not exact:
        names = [sys.executable, "python3", *(f"python3.{n}" for n in range(14, 10, -1))]
    test = "import sys, venv; v = sys.version_info[:2]; print('%d.%d' % v)"
    for name in names:
        path = shutil.which(name)
        if not path:
            continue
        found = subprocess.run([path, "-c", test], capture_output=True, text=True, cwd=ROOT)
        if found.returncode:
            continue
        numbers = tuple(map(int, found.stdout.strip().split(".")))
        if numbers == version or (not exact and numbers >= version):
            return path
    return None


def _run(command):
    result = subprocess.run(command, cwd=ROOT)
    if result.returncode:
        sys.exit(f"L'installation a échoué : {' '.join(command[:6])}…")


if __name__ == "__main__":
    main(sys.argv[1:])
