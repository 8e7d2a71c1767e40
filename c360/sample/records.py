"""What a system has written about the people it knows: seldom quite what another has."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from c360.sample.names import FIRST, LAST, MAIL_HOSTS, NICKNAMES
from c360.sample.people import People
from c360.sample.places import AREA_CODES, COUNT, SHORT, STATE_CODES, STREETS, TOWN_NAMES, ZIP_AREAS
from c360.sample.values import Flags, Ints, join, numbers, pick

_PLAIN = str.maketrans("éëñ", "een")
_FIRST, _LAST = pa.array(FIRST), pa.array(LAST)
_MAIL_FIRST = pa.array([name.lower().translate(_PLAIN) for name in FIRST])
_MAIL_LAST = pa.array([name.lower().translate(_PLAIN) for name in LAST])
_INITIAL = pa.array([name.lower().translate(_PLAIN)[0] for name in FIRST])
_NICKNAME = np.array([FIRST.index(NICKNAMES.get(name, name)) for name in FIRST])
_STREETS = pa.array([f"{name} {kind}" for name in LAST for kind in STREETS])
_SHORT_STREETS = pa.array([f"{name} {SHORT.get(kind, kind)}" for name in LAST for kind in STREETS])
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Sheet:
    """One record per person: arrays of what the system believes of them.

    Args:
        people: a chunk of the population.
        members: positions of those the system knows.
        rng: what its mistakes are drawn from.
        errors: scales how often it is wrong; 1 is a careful shop.
    """

    def __init__(self, people: People, members: Ints, rng: np.random.Generator, errors: float = 1.0) -> None:
        count = len(members)

        def sometimes(share: float) -> Flags:
            return rng.random(count) < share * errors

        self.members = members
        given, owner = people.given[members], people.mail_owner[members]
        self.first: Ints = np.where(sometimes(0.10), _NICKNAME[given], given)
        self.last: Ints = people.family[members]
        self.shouts: Flags = sometimes(0.03)
        # a typing mistake is a place in the name, and what happens there: a letter left out, doubled, swapped, wrong
        self.typo: Ints = np.where(sometimes(0.04), rng.integers(0, 1_000_000, count), -1)
        self.mail_first: Ints = people.given[owner]
        self.mail_last: Ints = people.family[owner]
        self.mail_number: Ints = people.number[owner]
        self.mail_style: Ints = people.mail_style[owner]
        self.mail_host: Ints = people.mail_host[owner]
        self.has_mail: Flags = ~sometimes(0.03)
        self.mail_shouts: Flags = sometimes(0.04)
        self.area: Ints = people.area[members]
        self.line: Ints = people.line[members]
        self.has_phone: Flags = ~sometimes(0.06)
        self.phone_format: Ints = rng.integers(0, 1000, count)
        self.house: Ints = people.house[members]
        self.street: Ints = people.street[members]
        self.flat: Ints = people.flat[members]
        self.town: Ints = people.town[members]
        self.zip: Ints = people.zip[members]
        self.is_short: Flags = sometimes(0.25)
        # who has moved has kept the e-mail, and the other way round: somebody could still find out who they are
        change = rng.random(count)
        self._move(change < 0.08 * errors, rng)
        self._change_mail((change >= 0.08 * errors) & (change < 0.15 * errors))
        changed = sometimes(0.07)
        self.area = np.where(changed, (self.area + 57) % len(AREA_CODES), self.area)

    def changed(self, rows: Ints, rng: np.random.Generator) -> Sheet:
        """These records as they are later: half of the people have moved, within their town, or have another e-mail."""
        sheet = copy(self)
        for name, values in vars(self).items():
            setattr(sheet, name, values[rows])
        moves = rng.random(len(rows)) < 0.5
        sheet._move(moves, rng, within_town=True)
        sheet._change_mail(~moves)
        return sheet

    def _move(self, who: Flags, rng: np.random.Generator, within_town: bool = False) -> None:
        count = len(who)
        self.house = np.where(who, rng.integers(1, 9999, count), self.house)
        self.street = np.where(who, rng.integers(0, len(_STREETS), count), self.street)
        self.flat = np.where(who, 0, self.flat)
        town = rng.integers(0, COUNT, count)
        self.town = np.where(who & (not within_town), town, self.town)
        self.zip = np.where(who, rng.integers(0, 100, count), self.zip)

    def _change_mail(self, who: Flags) -> None:
        self.mail_style = np.where(who, (self.mail_style + 1) % 3, self.mail_style)
        self.mail_host = np.where(who, (self.mail_host + 1) % len(MAIL_HOSTS), self.mail_host)

    def first_names(self) -> pa.Array:
        """Given names or nicknames; one in thirty is in capitals."""
        return _shouting(pick(_FIRST, self.first), self.shouts)

    def last_names(self) -> pa.Array:
        """Family names, some misspelt."""
        names = pick(_LAST, self.last)
        wrong = np.flatnonzero(self.typo >= 0)
        if len(wrong):
            texts = names.take(pa.array(wrong)).to_pylist()
            texts = [_misspelt(text, int(how)) for text, how in zip(texts, self.typo[wrong], strict=True)]
            names = pc.replace_with_mask(names, pa.array(self.typo >= 0), pa.array(texts, pa.string()))
        return _shouting(names, self.shouts)

    def full_names(self) -> pa.Array:
        """First and last name."""
        return join(self.first_names(), self.last_names(), separator=" ")

    def emails(self) -> pa.Array:
        """Addresses of a household or of one person; null where the system has none."""
        first, last = pick(_MAIL_FIRST, self.mail_first), pick(_MAIL_LAST, self.mail_last)
        number = numbers(self.mail_number + 10)
        styles = (
            join(first, ".", last, number),
            join(pick(_INITIAL, self.mail_first), last, number),
            join(last, "_", first, number),
        )
        local = pc.choose(pa.array(self.mail_style), *styles)
        address = _shouting(join(local, pick(MAIL_HOSTS, self.mail_host), separator="@"), self.mail_shouts)
        return pc.if_else(pa.array(self.has_mail), address, pa.scalar(None, pa.string()))

    def phones(self, *formats: str) -> pa.Array:
        """Telephone numbers, null where the system has none.

        Args:
            formats: how this system writes them: `A` stands for the area code, `L` for the last four digits. The first
                is the usual one.
        """
        area, line = pick(AREA_CODES, self.area), pc.utf8_lpad(numbers(self.line), 4, "0")
        written = [_formatted(form, area, line) for form in formats]
        which = np.where(self.phone_format < 700, 0, self.phone_format % len(formats))
        phones = pc.choose(pa.array(which), *written) if len(written) > 1 else written[0]
        return pc.if_else(pa.array(self.has_phone), phones, pa.scalar(None, pa.string()))

    def streets(self) -> pa.Array:
        """House number, street and flat."""
        names = pc.if_else(pa.array(self.is_short), pick(_SHORT_STREETS, self.street), pick(_STREETS, self.street))
        street = join(numbers(self.house), names, separator=" ")
        return pc.if_else(pa.array(self.flat > 0), join(street, " Apt. ", numbers(self.flat)), street)

    def towns(self) -> pa.Array:
        """Names of towns."""
        return pick(TOWN_NAMES, self.town)

    def states(self) -> pa.Array:
        """Codes of two letters."""
        return pick(STATE_CODES, self.town)

    def zip_codes(self) -> pa.Array:
        """Five digits."""
        return join(pick(ZIP_AREAS, self.town), pc.utf8_lpad(numbers(self.zip), 2, "0"))

    def addresses(self) -> pa.Array:
        """Everything in one line."""
        place = join(self.states(), self.zip_codes(), separator=" ")
        return join(self.streets(), self.towns(), place, separator=", ")


def changes(sheet: Sheet, known_since: Ints, rng: np.random.Generator, days: int) -> list[tuple[Ints, int, Sheet]]:
    """For each delivery but the first, who has changed: positions in the sheet, the delivery, the new records.

    Args:
        known_since: per record, the delivery that first brings it.
    """
    found = []
    for day in range(1, days):
        rows = np.flatnonzero((known_since < day) & (rng.random(len(known_since)) < 0.01))
        if len(rows):
            found.append((rows, day, sheet.changed(rows, rng)))
    return found


def _formatted(form: str, area: pa.Array, line: pa.Array) -> pa.Array:
    before, rest = form.split("A")
    between, after = rest.split("L")
    return join(before, area, between, line, after)


def _shouting(texts: pa.Array, who: Flags) -> pa.Array:
    return pc.if_else(pa.array(who), pc.utf8_upper(texts), texts) if who.any() else texts


_MISTAKES: tuple[Callable[[str, int, int], str], ...] = (
    lambda text, at, _: text[:at] + text[at + 1 :],
    lambda text, at, _: text[:at] + text[at] + text[at:],
    lambda text, at, _: text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
    lambda text, at, how: text[:at] + _LETTERS[how % 26] + text[at + 1 :],
)


def _misspelt(text: str, how: int) -> str:
    """The text with one mistake behind its first letter."""
    return _MISTAKES[how % 4](text, 1 + how // 4 % (len(text) - 1), how // 1000)
