"""The `passerelle` command, from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from bot.conversation import keys
from bot.database.engine import Database
from bot.database.models import Conversation, Counsellor, StoredFiche
from knowledge import catalogue

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "quatre mots bien choisis\n"


def passerelle(
    *arguments: str, var: Path | None = None, stdin: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command on its own data folder."""
    given = {**os.environ, **env, **({"PASSERELLE_VAR": str(var)} if var else {})}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT, env=given, input=stdin, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


HELPS = """
import json
import zipfile
from bot.cli import COMMANDS, application
from click.testing import CliRunner
below = ["knowledge check", "nlu evaluate", "counsellor add", "counsellor password",
         "fiches import"]
commands = ["", *COMMANDS, *below]
runner = CliRunner()
shown = {c: runner.invoke(application, [*c.split(), "--help"], prog_name="passerelle").output
         for c in commands}
print(json.dumps(shown))
"""


def test_help_is_in_french() -> None:
    # In a process of its own: here, other tests have imported Click before its French words.
    done = subprocess.run(
        [sys.executable, "-c", HELPS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    helps = json.loads(done.stdout)
    assert set(COMMANDS) < set(helps)
    for shown in helps.values():
        assert "Utilisation : passerelle" in shown and "Montre cette aide." in shown
        for english in ("Usage", "Show this", "Commands", "required", "default"):
            assert english not in shown


def test_mistakes_are_told_in_french() -> None:
    assert "Commande inconnue" in passerelle("danser").stderr
    assert "Il manque l'option '--name'" in passerelle("counsellor", "add", "a@b.fr").stderr


def test_the_catalogue_is_in_order() -> None:
    checked = passerelle("knowledge", "check")
    assert checked.returncode == 0, checked.stdout
    assert f"{len(catalogue.load())} démarches en ordre, " in checked.stdout


def test_a_mistake_in_a_procedure_is_shown_with_its_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "procedures"
    shutil.copytree(catalogue.PROCEDURES / "caf", folder)
    path = folder / "caf-compte.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("cost:"))
    lines[place : place + 1] = ["prix: gratuit", lines[place]]
    path.write_text("\n".join(lines), encoding="utf-8")
    checked = passerelle("knowledge", "check", "--folder", str(folder))
    assert checked.returncode == 1
    assert "caf-compte.yml:" in checked.stdout and "champ inconnu" in checked.stdout


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    refused = passerelle("purge", var=tmp_path, PASSERELLE_PROT="8001")
    assert refused.returncode == 1 and "PASSERELLE_PROT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused = passerelle("purge", var=tmp_path, PASSERELLE_PORT="beaucoup")
    assert refused.returncode == 1 and "port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_account_is_made_once_and_its_password_changed(tmp_path: Path) -> None:
    add = ("counsellor", "add", "Marie@Ville.fr", "--name", "Marie", "--role", "supervisor",
           "--commune", "demo", "--password-stdin")  # fmt: skip
    made = passerelle(*add, var=tmp_path, stdin=PASSWORD)
    assert made.returncode == 0, made.stderr
    again = passerelle(*add, var=tmp_path, stdin=PASSWORD)
    assert again.returncode == 1 and again.stderr.startswith("Erreur : ")
    database = Database(f"sqlite:///{tmp_path / 'passerelle.db'}")
    with database.read() as session:
        [marie] = session.query(Counsellor).all()
    assert (marie.email, marie.role) == ("marie@ville.fr", "supervisor")
    assert PASSWORD.strip() not in marie.password_hash

    change = ("counsellor", "password", "marie@ville.fr", "--password-stdin")
    assert passerelle(*change, var=tmp_path, stdin="court\n").returncode == 1
    changed = passerelle(*change, var=tmp_path, stdin="un autre mot de passe\n")
    assert changed.returncode == 0, changed.stderr
    with database.read() as session:
        [after] = session.query(Counsellor).all()
    assert after.password_hash != marie.password_hash
    nobody = passerelle(
        "counsellor", "password", "paul@ville.fr", "--password-stdin",
        var=tmp_path, stdin="un autre mot de passe\n",
    )  # fmt: skip
    assert nobody.returncode == 1 and "adresse" in nobody.stderr
    database.close()


@pytest.mark.parametrize(
    ("arguments", "password"),
    [(("--commune", "atlantide"), PASSWORD), (("--commune", "demo"), "court\n")],
)
def test_a_bad_account_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], password: str
) -> None:
    refused = passerelle(
        "counsellor", "add", "a@b.fr", "--name", "A", "--password-stdin", *arguments,
        var=tmp_path, stdin=password,
    )  # fmt: skip
    assert refused.returncode == 1 and refused.stderr.startswith("Erreur : ")


def test_a_person_can_see_and_erase_what_is_kept(tmp_path: Path) -> None:
    assert passerelle("purge", var=tmp_path).returncode == 0
    database = Database(f"sqlite:///{tmp_path / 'passerelle.db'}")
    code = "ABCDE-FGHJK"
    with database.write() as session:
        session.add(
            Conversation(
                id="c1",
                commune="demo",
                audience="resident",
                channel="web",
                resume_hash=keys.digest(code),
            )
        )
    shown = passerelle("export", "abcde fghjk", var=tmp_path)
    assert shown.returncode == 0 and json.loads(shown.stdout)
    assert passerelle("erase", code, var=tmp_path, stdin="n\n").returncode != 0
    assert passerelle("export", code, var=tmp_path).returncode == 0
    assert passerelle("erase", code, "--yes", var=tmp_path).returncode == 0
    gone = passerelle("export", code, var=tmp_path)
    assert gone.returncode == 1 and gone.stderr.startswith("Erreur : ")
    database.close()


def test_the_official_pages_are_imported_and_replaced(tmp_path: Path) -> None:
    def archive(name: str, *pages: str) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as found:
            for page in pages:
                xml = (
                    f'<Publication xmlns:dc="http://purl.org/dc/elements/1.1/" ID="{page}">'
                    f"<dc:title>Fiche {page}</dc:title><dc:date>modified 2020-04-02</dc:date>"
                    "</Publication>"
                )
                found.writestr(f"{page}.xml", xml if page != "F9" else "<pas")
        return path

    first = passerelle("fiches", "import", archive("a.zip", "F1", "F2", "F9"), var=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "2 fiches importées, 1 non lues" in first.stdout and "02/04/2020" in first.stdout
    assert "F9.xml" in first.stderr
    again = passerelle("fiches", "import", archive("b.zip", "F3"), "--trust", var=tmp_path)
    assert again.returncode == 0, again.stderr
    (tmp_path / "c.zip").write_text("rien")
    broken = passerelle("fiches", "import", tmp_path / "c.zip", var=tmp_path)
    assert broken.returncode == 1 and "archive zip" in broken.stderr
    database = Database(f"sqlite:///{tmp_path / 'passerelle.db'}")
    with database.read() as session:
        assert [(f.id, f.trusted) for f in session.query(StoredFiche)] == [("F3", True)]
    database.close()
