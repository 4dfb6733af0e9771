"""Numbers of nobody, with right check digits."""

from __future__ import annotations


def nir(body: str) -> str:
    """Returns a social security number with its key."""
    counted = body.replace("2A", "19").replace("2B", "18")
    return f"{body}{97 - int(counted) % 97:02d}"


def iban(country: str, account: str) -> str:
    """Returns an IBAN with its key."""
    digits = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


def card(body: str) -> str:
    """Returns a card number with its Luhn digit."""
    total = 0
    for rank, c in enumerate(reversed(body)):
        double = int(c) * (2 if rank % 2 == 0 else 1)
        total += double - 9 if double > 9 else double
    return f"{body}{-total % 10}"


def fiscal(body: str) -> str:
    """Returns a fiscal number with its key."""
    return f"{body}{int(body) % 511:03d}"


def rib(bank: str, desk: str, account: str) -> str:
    """Returns a French account number with its key."""
    key = 97 - (89 * int(bank) + 15 * int(desk) + 3 * int(account)) % 97
    return f"{bank}{desk}{account}{key:02d}"


def cut(number: str, *sizes: int, by: str = " ") -> str:
    """Returns a number in groups."""
    groups, place = [], 0
    for size in sizes:
        groups.append(number[place : place + size])
        place += size
    return by.join([*groups, number[place:]] if number[place:] else groups)


def wrong(number: str) -> str:
    """Returns the number with its last digit mistyped."""
    return f"{number[:-1]}{(int(number[-1]) + 3) % 10}"
