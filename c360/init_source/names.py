"""Names as the lake has them, and what a name says about what it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LETTERS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
    }
    | {"%": " pct ", "#": " no ", "&": " and "}
)
_IDS = re.compile(r"(?<=[a-z0-9])IDs\b|^IDs\b")
_HUMPS = re.compile(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])")

_NO_ID = {"paid", "unpaid", "prepaid", "valid", "invalid", "bid", "grid", "void", "avoid", "solid", "android", "covid"}
_ID = re.compile(r"(^|_)(id|ids|key|code|no|nr|num|number|guid|uuid|sku|ean|upc|isbn|gtin|abbr|symbol)$")
_MOMENT = re.compile(
    r"(^|_)(date|datetime|time|timestamp|ts|day|when|dob|birth|birthday|birthdate|datum|zeit|zeitpunkt|created|updated|"
    r"modified|changed|at|on|since|until)(_|$)|(date|time)$"
)
_CHANGED = re.compile(
    r"(^|_)(last_?)?(updated?|modified|modification|changed?|geaendert|aktualisiert)"
    r"(_?(at|on|date|time|datetime|timestamp|ts|utc|am))*$|^(last_?(update|change|modification))|^(sys)?(mod|upd)_?(date|ts|time)$"
)


def snake(text: str) -> str:
    """A name in snake_case and ASCII: `OrderID` is order_id, `e-mail Address` e_mail_address; "" if nothing is left."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_LETTERS))
    plain = plain.encode("ascii", "ignore").decode()
    humps = _HUMPS.sub(lambda hump: f"{hump[1]}_{hump[2]}" if hump[1] else f"{hump[3]}_", _IDS.sub("Ids", plain))
    # IDs after a small letter has lost its own hump
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z0-9])Ids\b", r"\1_ids", humps).lower()).strip("_")
    return f"n_{name}" if name[:1].isdigit() else name


def in_lake(names: Iterable[str]) -> list[str]:
    """Legal names that differ, one for each; those of which no letter is left are called by their place: c3."""
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names, 1):
        wanted = snake(name) or f"c{place}"
        free = wanted
        number = 2
        while free in taken:
            free, number = f"{wanted}_{number}", number + 1
        taken.add(free)
        found.append(free)
    return found


def singular(name: str) -> str:
    """A table's name for one of its rows: customers → customer, categories → category, addresses → address."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) else name


def stem(name: str) -> str:
    """What an id is the id of: customer_id → customer, country_region_code → country_region."""
    return re.sub(r"_?(id|key|code|no|nr|num|number|guid|uuid)$", "", name)


def says_id(name: str) -> bool:
    """Whether a column's name is that of an id, a code or a number that stands for something."""
    return bool(_ID.search(name)) or (name.isalpha() and name.endswith("id") and name not in _NO_ID)


def says_moment(name: str) -> bool:
    """Whether a column's name is that of a date or a time."""
    return bool(_MOMENT.search(name))


def says_changed(name: str) -> bool:
    """Whether a column's name is that of the time of the last change: updated_at, ModifiedDate, last_updated."""
    return bool(_CHANGED.search(name))


def words(name: str) -> set[str]:
    """The words of a name in snake_case."""
    return set(name.split("_"))
