"""What is masked, what is not, and how long it takes."""

from __future__ import annotations

import random
import time

import pytest

from bot.privacy.masking import LABELS, mask
from tests.privacy.numbers_made_up import card, cut, fiscal, iban, nir, rib, wrong

NIR = nir("2850599006084")
CORSICAN = nir("185052A004123")
CORSICAN_B = nir("291122B033077")
FRENCH = iban("FR", "20041010050500013M02606")
DIGITS = iban("FR", "30006000011234567890189")
GERMAN = iban("DE", "370400440532013000")
BELGIAN = iban("BE", "539007547034")
CARD = card("497010123456789")
AMEX = card("37828224631000")
FISCAL = fiscal("3012345678")
# Its first figures could be those of a social security number.
FISCAL_LIKE_NIR = fiscal("1850599006")

# (what was typed, what must be gone, what it is replaced by, what must stay)
MASKED = [
    # Social security number
    (f"mon numéro est {NIR} merci", NIR, "nir", "merci"),
    (NIR[:13], NIR[:13], "nir", ""),
    (f"sécu {cut(NIR, 1, 2, 2, 2, 3, 3)} voilà", "084", "nir", "voilà"),
    (f"{cut(NIR, 1, 2, 2, 2, 3, 3, by='.')} et après", "084", "nir", "et après"),
    (f"{cut(NIR, 1, 2, 2, 2, 3, 3, by='-')}?", "084", "nir", "?"),
    (f"n° de sécu:{cut(NIR[:13], 1, 2, 2, 2, 3)}", "084", "nir", "sécu"),
    (f"je tape {wrong(NIR)} et ça refuse", wrong(NIR), "nir", "et ça refuse"),
    (f"CORSE {CORSICAN}", CORSICAN, "nir", "CORSE"),
    (cut(CORSICAN_B, 1, 2, 2, 2, 3, 3), "033", "nir", ""),
    (f"ma secu {CORSICAN_B.lower()} svp", CORSICAN_B.lower(), "nir", "svp"),
    (f"carte vitale {CORSICAN[:13]}", CORSICAN[:13], "nir", "carte vitale"),
    (f"{' '.join(NIR)} c'est ma sécu", " ".join(NIR), "nir", "c'est ma sécu"),
    ("mon num de sécu 28505990060", "28505990060", "nir", "mon num de sécu"),
    (f"mon\u00a0NIR\u00a0: {cut(NIR, 1, 2, 2, 2, 3, 3, by=chr(0x202F))}", "006", "nir", "NIR"),
    # IBAN and account
    (f"mon iban {FRENCH} voilà", FRENCH, "iban", "voilà"),
    (f"{cut(FRENCH, 4, 4, 4, 4, 4, 4)} c'est bon ?", "0505", "iban", "c'est bon ?"),
    (FRENCH.lower(), FRENCH.lower(), "iban", ""),
    (cut(DIGITS.lower(), 4, 4, 4, 4, 4, 4), "3456", "iban", ""),
    (f"iban:{DIGITS}", DIGITS, "iban", ""),
    (f"IBAN {cut(DIGITS, 4, 4, 4, 4, 4, 4, by='-')}.", "3456", "iban", ""),
    (f"ils refusent {wrong(DIGITS)} pourquoi", wrong(DIGITS), "iban", "pourquoi"),
    (f"rib {DIGITS[:-1]} merci", DIGITS[:-1], "iban", "merci"),
    (f"compte allemand {cut(GERMAN, 4, 4, 4, 4, 4)} ok", "5320", "iban", "ok"),
    (f"{BELGIAN.lower()} belgique", BELGIAN.lower(), "iban", "belgique"),
    (rib("30006", "00001", "12345678901"), "12345678901", "iban", ""),
    # Card
    (f"ma carte {CARD} exp 12/27", CARD, "card", "exp 12/27"),
    (f"cb {cut(CARD, 4, 4, 4)} refusée", "1012", "card", "refusée"),
    (f"{cut(CARD, 4, 4, 4, by='-')}", "1012", "card", ""),
    (f"carte bleue {wrong(CARD)}", wrong(CARD), "card", "carte bleue"),
    (f"amex {cut(AMEX, 4, 6)}", "822463", "card", "amex"),
    # Telephone
    ("appelez moi au 06 12 34 56 78 svp", "06 12 34 56 78", "phone", "svp"),
    ("tel 0612345678", "0612345678", "phone", "tel"),
    ("06.12.34.56.78", "06.12", "phone", ""),
    ("06-12-34-56-78", "06-12", "phone", ""),
    ("06/12/34/56/78", "06/12", "phone", ""),
    ("0 6 1 2 3 4 5 6 7 8", "6 1 2", "phone", ""),
    ("fixe 01 40 20 50 50 le soir", "01 40", "phone", "le soir"),
    ("box 09 51 23 45 67", "09 51", "phone", "box"),
    ("+33 6 12 34 56 78", "+33", "phone", ""),
    ("+33612345678", "612345678", "phone", ""),
    ("+33 (0)6 12 34 56 78", "(0)6", "phone", ""),
    ("(+33) 6 12 34 56 78", "6 12", "phone", ""),
    ("0033612345678", "0033612345678", "phone", ""),
    ("00 33 6 12 34 56 78", "33 6", "phone", ""),
    ("33 6 12 34 56 78", "33 6", "phone", ""),
    ("La Réunion 0692 12 34 56", "0692", "phone", "La Réunion"),
    ("Guadeloupe 0590 12 34 56", "0590", "phone", "Guadeloupe"),
    ("+262 692 12 34 56", "692", "phone", ""),
    ("+594 694 20 12 34", "694", "phone", ""),
    ("je suis en suisse +41 79 123 45 67", "79 123", "phone", "je suis en suisse"),
    ("numéro belge 0032 470 12 34 56", "470", "phone", "numéro belge"),
    ("00 212 661 23 45 67 au Maroc", "661", "phone", "au Maroc"),
    ("O6 12 34 56 78", "12 34", "phone", ""),
    ("mon numéro c'est le 6 12 34 56 78", "6 12 34", "phone", "mon numéro"),
    ("\u202a06 12 34 56 78\u202c", "12 34", "phone", ""),
    ("06 12 34 56 78 ou 07 11 22 33 44", "11 22", "phone", "ou"),
    # Mail
    ("mon mail jeanne.martin@exemple.fr merci", "jeanne", "email", "merci"),
    ("JEANNE.MARTIN@EXEMPLE.FR", "MARTIN", "email", ""),
    ("jeanne.martin @ exemple.fr", "martin", "email", ""),
    ("jeanne . martin @ gmail . com", "jeanne", "email", ""),
    ("jeanne@gmail. com merci", "jeanne", "email", "merci"),
    ("jeanne@gmail,com merci", "jeanne", "email", "merci"),
    ("jeanne arobase gmail.com", "jeanne", "email", ""),
    ("jeanne point martin arobase orange point fr voilà", "martin", "email", "voilà"),
    ("jeanne arobaz orange.fr", "jeanne", "email", ""),
    ("jeanne.martin(at)orange.fr", "martin", "email", ""),
    ("jeanne [at] free.fr", "jeanne", "email", ""),
    ("jeanne@orange", "jeanne", "email", ""),
    ("jeanne59 gmail.com", "jeanne59", "email", ""),
    ("écrivez à jeanne_m-75@exemple.gouv.fr.", "jeanne_m-75", "email", "écrivez à"),
    # Taxes
    (f"mon numéro fiscal {FISCAL}", FISCAL, "fiscal", "numéro fiscal"),
    (f"numéro fiscal : {NIR[:13]}", NIR[:13], "fiscal", "numéro fiscal"),
    (f"num fiscal c'est {cut(FISCAL, 2, 2, 3, 3)}", "345", "fiscal", "num fiscal"),
    (f"N° SPI {FISCAL}", FISCAL, "fiscal", "SPI"),
    (FISCAL, FISCAL, "fiscal", ""),
    (FISCAL_LIKE_NIR, FISCAL_LIKE_NIR, "fiscal", ""),
    ("0123456789012", "0123456789012", "fiscal", ""),
    (f"identifiant fiscal: {FISCAL[:-1]}", FISCAL[:-1], "fiscal", "identifiant"),
    ("mon numéro d'accès en ligne est 1234567", "1234567", "access", "en ligne"),
    ("numero d'acces 7654321 marche pas", "7654321", "access", "marche pas"),
    ("télédéclarant 12 345 67", "345", "access", "télédéclarant"),
    ("n° de teledeclarant: 1234567", "1234567", "access", "teledeclarant"),
    # CAF
    ("allocataire 1234567", "1234567", "caf", "allocataire"),
    ("n° allocataire : 1234567 A merci", "1234567 A", "caf", "merci"),
    ("matricule 1234567K", "1234567K", "caf", "matricule"),
    ("ma caf c'est 1234567", "1234567", "caf", "ma caf"),
    ("mon dossier 1234567 est bloqué", "1234567", "caf", "est bloqué"),
    ("num alocatair 1 234 567", "234", "caf", "alocatair"),
    ("1234567 c'est mon numéro d'allocataire", "1234567", "caf", "c'est mon numéro"),
    # Passwords
    ("mon mdp c'est toto123", "toto123", "password", "mon mdp"),
    ("mot de passe : Soleil!", "Soleil", "password", "mot de passe"),
    ("j'ai mis azerty comme mot de passe", "azerty", "password", "comme mot de passe"),
    ("identifiant martin mot de passe soleil", "soleil", "password", "identifiant"),
    ("identifiant durand59 mot de passe Soleil75", "durand59", "login", "identifiant"),
    ("login durand59 mdp soleil", "soleil", "password", "login"),
    ("mdp c doudou45", "doudou45", "password", "mdp c"),
    ("mdp c doudou", "doudou", "password", "mdp c"),
    ("le mo de passe ses minou", "minou", "password", "le mo de passe"),
    ("mn mo 2 pass c minou", "minou", "password", "mn"),
    ("mon mot de passe cé minou", "minou", "password", "mon mot de passe"),
    ("motdepasse=azerty", "azerty", "password", ""),
    ("MDP:AZERTY", "AZERTY", "password", ""),
    ("MON MOT DE PASSE C EST SOLEIL", "SOLEIL", "password", "MON MOT"),
    ("mon mot de passe est Minou2019.", "Minou2019", "password", "est"),
    ("mon mot de passe est chaton", "chaton", "password", "est"),
    ("mon mot de passe de la caf : minou", "minou", "password", "de la caf"),
    ("mon mdp pour ameli c'est minou", "minou", "password", "pour ameli"),
    ("mon mdp caf azerty59 marche pas", "azerty59", "password", "marche pas"),
    ("le mot de passe que j'utilise est chaton", "chaton", "password", "j'utilise"),
    ("comme mdp j'ai mis azerty", "azerty", "password", "j'ai mis"),
    ("comme mot de passe g mi minou", "minou", "password", "comme"),
    ("j'ai tapé toto12 en mot de passe", "toto12", "password", "j'ai tapé"),
    ("toto123 c'est mon mdp", "toto123", "password", "c'est mon mdp"),
    ("soleil c'est mon mot de passe", "soleil", "password", "c'est mon"),
    ("c'est doudou mon mot de passe", "doudou", "password", "c'est"),
    ("mon mot de passe « Soleil bleu » est refusé", "Soleil", "password", "est refusé"),
    ('mon mot de passe "soleil"', "soleil", "password", "mon"),
    ("mot de passe (soleil)", "soleil", "password", "mot de passe"),
    ("mdp = P@ssw0rd!", "P@ssw0rd", "password", "mdp"),
    ("mdp -> doudou", "doudou", "password", "mdp"),
    ("mdp azerty1", "azerty1", "password", "mdp"),
    ("mon mot de passe c'est le 4512", "4512", "password", "c'est le"),
    ("mon mdp c tjr toto2000", "toto2000", "password", "tjr"),
    ("mon mdp c marie 1985", "1985", "password", "mon mdp"),
    ("mot de passe : petit lapin", "lapin", "password", "mot de passe"),
    ("mon mot de passe S O L E I L", "O L E", "password", "mon mot de passe"),
    ("mot de passe oublié, j'ai essayé toto123 et rien", "toto123", "password", "et rien"),
    ("je vous donne le mot de passe, toto2000, aidez moi", "toto2000", "password", "aidez moi"),
    ("voici mon mot de passe provisoire : Xy7!kl", "Xy7", "password", "provisoire"),
    ("mon mot de passe c'est : jeanne@exemple.fr", "jeanne", "password", "c'est"),
    ("mon mot de passe impots.gouv est bichon", "bichon", "password", "impots.gouv"),
    ("mon mot de passe pour impots.gouv.fr : bichon", "bichon", "password", "impots.gouv.fr"),
    ("user: durand59 pass: bichon", "bichon", "password", "pass"),
    ("password: hello75", "hello75", "password", "password"),
    ("mot de passe\nSoleil75", "Soleil75", "password", "mot de passe"),
    ("mes identifiants : 1234567 / Azerty59!", "Azerty59", "password", "identifiants"),
    # Codes
    ("mon code secret 4512", "4512", "code", "mon code secret"),
    ("mon code secret c'est 1985", "1985", "code", "mon code secret"),
    ("code pin : 1234", "1234", "code", "code pin"),
    ("le code confidentiel est 45 12", "12", "code", "confidentiel"),
    ("le code recu est 482913", "482913", "code", "le code recu"),
    ("le code reçu par sms est 48 29 13", "29", "code", "par sms"),
    ("code de vérification à 6 chiffres 482913", "482913", "code", "vérification"),
    ("j'ai reçu 482913 comme code", "482913", "code", "j'ai reçu"),
    ("G-482913 est mon code", "482913", "code", "est mon code"),
    ("482913 c'est le code", "482913", "code", "c'est le code"),
    ("le sms dit 482913", "482913", "code", "le sms dit"),
    ("code : AB12CD", "AB12CD", "code", "code"),
    ("le cryptogramme c'est 123", "123", "code", "cryptogramme"),
]

LEFT = [
    "je dois 1 240 € à la caf",
    "ils me prennent 640 euros par mois",
    "la caf me réclame 1 240 500 €",
    "allocation de 1234567 euros",
    "né le 12/03/1985",
    "rendez-vous le 01 12 2026 14 30",
    "le 12.03.2026 et le 13-03-2026",
    "le 2026-03-12 à 14h30",
    "depuis 2026 je ne touche rien",
    "la caf a payé le 12032026",
    "j'habite 59000 Lille",
    "code postal 59000",
    "le code postal est le 75011",
    "appelez le 15, le 17, le 18 ou le 112",
    "appelez le 15 17 18 112",
    "le 115 et le 119 répondent",
    "3114 ou 3919",
    "j'ai appelé le 3646 et le 3230",
    "le 32 30 ne répond pas",
    "le 0 809 401 401",
    "0809 401 401 ou 0809401401",
    "0 806 000 126 et 0800 11 22 33",
    "le formulaire 2042 et la 2042-C-PRO",
    "cerfa 15776*02",
    "cerfa n° 13750",
    "mot de passe oublié",
    "mot de passe refusé étape 2 sur 9",
    "étape 2 sur 9",
    "mon mot de passe perdu",
    "mdp oublié cmt jfé",
    "j'ai perdu mon mot de passe",
    "mon mot de passe c'est pas le bon",
    "mon mot de passe c'est quoi",
    "c'est quoi mon mot de passe",
    "mon mot de passe est expiré",
    "mon mot de passe est trop compliqué",
    "mon mot de passe est indevinable",
    "le mdp c tjr le meme",
    "le mot de passe doit faire 12 caractères",
    "mot de passe : 8 caractères minimum",
    "je clique sur « mot de passe oublié » et « valider »",
    'je clique sur "mot de passe oublié" puis "valider"',
    "le problème c'est mon mot de passe",
    "il demande quoi comme mot de passe ?",
    "identifiant ou mot de passe incorrect",
    "identifiant perdu, mot de passe oublié",
    "mot de passe ce matin refusé",
    "mot de passe : aucun",
    "mot de passe : je sais plus",
    "on me demande un mot de passe et un identifiant",
    "le code secret de ma carte est bloqué",
    "je n'ai pas reçu le code",
    "j'ai pas reçu le code depuis le 12 mars 2026",
    "le code est valable 15 minutes",
    "code erreur 4045",
    "l'article 1240 du code civil",
    "l'article L262-2 du code de l'action sociale",
    "numéro fiscal de 13 chiffres",
    "revenu fiscal de référence : 23 456",
    "mon numéro d'allocataire à 7 chiffres je le trouve où",
    "où est le numéro d'accès en ligne ?",
    "la caf du 59 me doit 3 mois",
    "SIRET 123 456 789 00012",
    "rdv @ 14h",
    "je vais sur gmail.com et impots.gouv.fr",
    "https://www.caf.fr/allocataires/aides-et-demarches",
    "j'ai 3 enfants de 2, 5 et 11 ans, loyer 540, salaire 1320",
    "2 + 2 = 4",
    "pourquoi ? …",
    "",
]


@pytest.mark.parametrize(("typed", "gone", "kind", "kept"), MASKED)
def test_masked(typed: str, gone: str, kind: str, kept: str) -> None:
    masked = mask(typed)
    assert LABELS[kind] in masked
    assert gone not in masked
    assert kept in masked


@pytest.mark.parametrize("typed", LEFT)
def test_left_as_it_is(typed: str) -> None:
    assert mask(typed) == typed


def test_there_are_many_cases() -> None:
    assert len(MASKED) + len(LEFT) >= 120


def test_several_in_one_sentence_and_the_rest_stays_readable() -> None:
    typed = (
        f"Je suis bloqué, mon numéro fiscal {FISCAL}, tél 06 12 34 56 78, mdp Soleil75. Aidez-moi"
    )
    assert mask(typed) == (
        f"Je suis bloqué, mon numéro fiscal {LABELS['fiscal']}, tél {LABELS['phone']}, "
        f"mdp {LABELS['password']}. Aidez-moi"
    )


def test_a_kind_can_be_kept() -> None:
    typed = f"La mairie : 01 40 20 50 50, accueil@exemple.fr ; votre carte {CARD}"
    masked = mask(typed, keep=("phone", "email"))
    assert masked == typed.replace(CARD, LABELS["card"])


@pytest.mark.parametrize("typed", [case[0] for case in MASKED] + LEFT)
def test_masking_twice_changes_nothing_more(typed: str) -> None:
    once = mask(typed)
    assert mask(once) == once


def test_masking_twice_changes_nothing_more_on_any_mixture() -> None:
    chance = random.Random(20260312)
    pieces = [case[0] for case in MASKED] + LEFT + list(LABELS.values())
    words = " ".join(pieces).split()
    for _ in range(300):
        typed = chance.choice(" ,.:;\n").join(chance.choices(pieces, k=3))
        typed += " " + " ".join(chance.choices(words, k=12))
        once = mask(typed)
        assert mask(once) == once, typed


@pytest.mark.parametrize("label", LABELS.values())
def test_a_label_announces_nothing(label: str) -> None:
    assert mask(f"{label} : 1234567") == f"{label} : 1234567"


def test_private_characters_cannot_forge_a_label() -> None:
    assert mask("a\ue000b\ue004") == "ab"


ADVERSARIAL = [
    "1",
    "1 ",
    "0",
    "06 ",
    "00 ",
    "+",
    "+3",
    "(",
    "@",
    "a@",
    "a.",
    "a_",
    "a point ",
    "a arobase ",
    "FR76 ",
    "fr",
    "A1 ",
    "mdp",
    "mdp ",
    "mdp:",
    "mdp c'est ",
    "mdp c est : ",
    "mot de passe ",
    "mot de ",
    "mot",
    "comme mot de passe ",
    "c'est mon mdp ",
    "code ",
    "code le ",
    "code 12 ",
    "identifiant ",
    "identifiant a mdp ",
    "numéro fiscal 1",
    "caf 1",
    "« ",
    '"',
    "'",
    "1/1/1",
    "12/03/19 ",
    "2a ",
    "1 85 05 2",
    " ",
    "\n",
    "d'",
    "é",
    "[",
    LABELS["phone"],
]
SHORT, LONG, MOST, ATTEMPTS = 1000, 8000, 3.0, 4


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_time_grows_as_the_length(piece: str) -> None:
    """Eight times longer takes eight times longer; a search that goes back would take 64 times."""

    def seconds(length: int) -> float:
        typed = (piece * length)[:length]
        best = float("inf")
        for _ in range(3):
            # The time of this process alone: the machine may be busy with something else.
            begin = time.process_time()
            mask(typed)
            best = min(best, time.process_time() - begin)
        return best

    mask(piece)
    ratios: list[float] = []
    while len(ratios) < ATTEMPTS and (not ratios or ratios[-1] >= MOST):
        ratios.append(seconds(LONG) / seconds(SHORT) / (LONG / SHORT))
    assert min(ratios) < MOST, f"{min(ratios):.1f} times slower than in proportion"


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    for typed, *_ in MASKED:
        mask(typed)
    assert not caplog.records
