"""Which columns say who somebody is, by their names and by what their values look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from c360.init_source.evidence import Column, Table
from c360.init_source.names import singular, words

_PEOPLE = set(
    """customer client member user person people contact employee agent staff patient guest subscriber lead buyer
    shopper individual passenger student manager driver salesperson seller cardholder kunde mitarbeiter""".split()
)
_PLACES = {"store", "warehouse", "location", "branch", "facility", "shop", "site", "office", "supplier", "vendor"}

_BY_NAME = (
    ("a name", r"(^|_)((first|last|middle|full|given|family|maiden|nick|sur|fore)_?name|surname|forename|firstname|"
               r"lastname|fullname|username|user_name|login|vorname|nachname|familienname)($|_)"),
    ("a name", r"(^|_)(contact_person|contact_name|manager_name|manager|reviewer_name|recipient|recipient_name|"
               r"card_?holder|account_holder|owner_name|employee_name|agent_name|customer_name|client_name|"
               r"person_name|buyer_name|ansprechpartner)$"),
    ("an e-mail address", r"(^|_)(e_?mail|mail)(_?(address|adr|id))?($|_[0-9])"),
    ("a phone number", r"(^|_)(phone|telephone|tel|mobile|cell|cellphone|fax|telefon|handy|mobil|whatsapp)"
                       r"(_?(number|no|nr|num))?($|_[0-9])"),
    ("an IP address", r"(^|_)(ip|ip_?addr(ess)?|ipv[46]|client_ip|remote_ip)$"),
    ("a street address", r"(^|_)(address|addr|street|street_name|street_number|address_?line_?[0-9]|address_[0-9]|"
                         r"strasse|hausnummer|adresse|anschrift)($|_[0-9])"),
    ("a zip code", r"(^|_)(zip|zip_?code|postal|postal_?code|postcode|plz|postleitzahl)$"),
    ("a date of birth", r"(^|_)(dob|birth_?(date|day)?|date_of_birth|geburtsdatum|geburtstag|born_on)$"),
    ("an account number", r"(^|_)(iban|bank_account|account_iban)($|_)"),
    ("a card number", r"(^|_)(credit_?|debit_?|payment_?)?card_?(number|no|num|nr)$|(^|_)(pan|cvv)$"),
    ("a tax or identity number", r"(^|_)(ssn|soc_sec_id|social_security(_number)?|tax_?id|tax_?number|tin|vat_id|"
                                 r"passport(_?(no|number))?|national_id|drivers?_licen[cs]e|steuernummer)($|_)"),
)  # fmt: skip
_NAMES = tuple((what, re.compile(pattern)) for what, pattern in _BY_NAME)

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(\+|\()[0-9][0-9 ()./-]{6,}|(\+?[0-9]{1,3}[ .-])?\(?[0-9]{2,4}\)?[ .-]([0-9]{3}[ .-])?[0-9]{3,4}[ .-][0-9]{3,4}"
)
_IPV4 = re.compile(r"((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_STREET = re.compile(
    r"[0-9]+ .*\b(st|street|ave|avenue|rd|road|blvd|lane|ln|dr|drive|way|court|ct)\b.*|"
    r".*(str\.|straße|strasse) ?[0-9]+.*",
    re.IGNORECASE,
)
MOST_LOOKED_AT = 2000


def personal(table: Table, column: Column) -> str | None:
    """What a column says of a person; None if nothing.

    Args:
        table: its table: a name is personal among customers, not among products.
        column: with its values.
    """
    if column.type == "boolean":
        return None
    of_place = bool(words(singular(table.base)) & _PLACES)
    for what, pattern in _NAMES:
        is_number = column.is_whole_number and what in ("a name", "an e-mail address")
        is_place = of_place and what in ("a street address", "a zip code")
        if pattern.search(column.name) and not is_number and not is_place:
            return f"{what}, by its name"
    if column.name == "name" and words(singular(table.base)) & _PEOPLE:
        return f"a name, since the table is of {table.base}"
    values = sorted(column.distinct)[:MOST_LOOKED_AT]
    if column.type == "bigint":
        values = values if all(map(_is_card, values)) else []
    return _by_values(values, of_place) if column.type in ("string", "bigint") and values else None


def _by_values(values: Sequence[str], of_place: bool) -> str | None:
    checks = (
        ("e-mail addresses", _EMAIL.fullmatch),
        ("IBANs", _is_iban),
        ("card numbers", _is_card),
        ("IP addresses", _IPV4.fullmatch),
        ("phone numbers", _is_phone),
        ("street addresses", None if of_place else _STREET.fullmatch),
    )
    for what, check in checks:
        hits = sum(bool(check(value)) for value in values) if check else 0
        if hits >= max(1, 0.6 * len(values)) and (len(values) > 1 or what != "street addresses"):
            return f"{hits:,} of {len(values):,} values look like {what}"
    return None


def _is_phone(value: str) -> bool:
    return bool(_PHONE.fullmatch(value)) and 7 <= sum(map(str.isdigit, value)) <= 15


def _is_iban(value: str) -> bool:
    plain = value.replace(" ", "")
    if not _IBAN.fullmatch(plain):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_card(value: str) -> bool:
    """13 to 19 digits that begin like a card's and pass Luhn's test."""
    digits = re.sub("[ -]", "", value)
    if not re.fullmatch(r"[3-6][0-9]{12,18}", digits):
        return False
    twice = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in twice) % 10 == 0
