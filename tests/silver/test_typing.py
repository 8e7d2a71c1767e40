"""Text to typed columns: any text, through every type and format, means what plain Python says it means."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from c360.config import Column
from c360.silver.typing import text_of, typed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BLANKS = " \t\r\n\u00a0\ufeff"

NUMBERS = """
0 -0 +0 7 -7 +7 --7 +-7 7- 7+ 12 007 -007 0000000000000000000000000000000000000000000012 -0000000000000000000000012
2147483647 2147483648 -2147483648 -2147483649 +2147483647 +2147483648 02147483647 02147483648 9999999999 99999999999
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 09223372036854775807
18446744073709551616 99999999999999999999 1e3 1E3 1e+3 1e-3 1.5e2 -1.5E+2 1e 1e+ e3 1e309 1e308 -1e309 1e400 1e999
1e1000 1e-400 5e-324 1e-999 4.9e-324 2.2250738585072014e-308 1.7976931348623157e308 1.7976931348623159e308 12.0 12.
.5 -.5 +.5 . - + 1.5 1.50 1.500 1.5000000000000000000000000000000000000000000000000000 1.005 1.015 -1.005 0.1 0.01
0.001 0.00000 0.30000000000000004 0.1000000000000000055511151231257827 100.00 100.10 100.100 100.101 99999999.99
99999999.995 99999999.994 100000000 100000000.00 -99999999.99 -100000000.00 00000000099999999.99
999999999999999.9999 1000000000000000 999999999999999.99990 999999999999999.99995 123456789012345.6789 99999 100000
-99999 -100000 99999.0 99999.5 12345.000 12345.001 123456.0 99999999999999999999.999999999999999999
100000000000000000000 0.000000000000000001 0.0000000000000000001 99999999999999999999999999999999999999
100000000000000000000000000000000000000 -99999999999999999999999999999999999999
12345678901234567890123456789012345678901234567890 0.12345678901234567890123456789012345678901234567890 1,234
1,234.5 1.234,5 1_000 1'000 1/2 50% $5 5$ €5 £5.00 5EUR 0x1F 0x1p3 0b101 0o17 1d 1f 1D 1F 1L 10L 5BD 5S 5Y NaN nan
NAN -NaN Infinity -Infinity +Infinity infinity inf -inf INF Inf null NULL None N/A - -- (5) [5] 5; #5 ١٢ ۱۲ १२ １２ 1２
² ½ Ⅻ 一 −5 –5 ＋5 5．0 1٫5 ٣.٥ 0.٥
""".split()
SPACED = [
    "",
    " ",
    "\t",
    " \t\r\n ",
    " 12",
    "12 ",
    " 12 ",
    "\t12\n",
    "12\r\n",
    "1 2",
    "- 12",
    "12 .5",
    " 1.5 ",
    " 2024-02-03 ",
    "\n7",
]
MARKS = ["", "\u00a0", "\u200b", "\ufeff", "\u3000", "\x00", "\x0b", "\x0c", "\x1f", "\x85", "\u2028"]
UNSEEN = [f"{before}12{after}" for before in MARKS[:5] + MARKS[6:] for after in MARKS]
WORDS = """
true TRUE True tRuE t T yes YES y Y 1 01 1.0 on ON off false FALSE f F no n N 0 00 -1 2 wahr ja truth tru yess x Ｔ
TRUE​ KELVIN Kelvin ſ today now epoch yesterday tomorrow Today NOW 'true' "true" '12' "12" "2024-01-02" '2024-01-02'
\\N \\ ' " `
""".split()
DATES = """
2024-01-02 2024-1-2 2024-02-29 2023-02-29 2024-02-30 2024-02-3 2024-00-10 2024-13-01 2024-01-00 2024-01-32
2024-04-31 1900-02-29 2000-02-29 2100-02-29 0000-01-01 0001-01-01 0099-12-31 1582-10-04 1582-10-10 1582-10-15
1700-01-01 1899-12-31 1900-01-01 1969-12-31 1970-01-01 2038-01-19 2049-07-01 2099-12-31 9999-12-31 9999-12-30
10000-01-01 +10000-01-01 12024-01-02 -2024-01-02 +2024-01-02 24-01-02 024-01-02 2024 2024-01 202401 20240102
20240230 20241301 2024/01/02 2024.01.02 2024-01-02Z 2024-01-02+01:00 2024−01−02 2024–01–02 ２０２４-01-02 ٢٠٢٤-01-02
2024-W01-2 2024-002 2024-Jan-02 Jan-02-2024 2024-01-02T 2024-01-02T03:04:05 2024-01-02T03:04:05Z
2024-01-02t03:04:05z 2024-01-02T03:04:05+00:00 2024-01-02T03:04:05-00:00 2024-01-02T03:04:05+05:30
2024-01-02T03:04:05-05:00 2024-01-02T03:04:05+14:00 2024-01-02T03:04:05+18:00 2024-01-02T03:04:05+18:01
2024-01-02T03:04:05-18:00 2024-01-02T03:04:05+19:00 2024-01-02T03:04:05+23:59 2024-01-02T03:04:05+05:60
2024-01-02T03:04:05+24:00 2024-01-02T03:04:05+0530 2024-01-02T03:04:05+05 2024-01-02T03:04:05UTC
2024-01-02T03:04:05[UTC] 2024-01-02T24:00:00Z 2024-03-10T02:30:00-05:00 2024-03-10T02:30:00Z
0001-01-01T00:00:00+14:00 0001-01-01T00:00:00Z 9999-12-31T23:59:59-12:00 9999-12-31T23:59:59Z 1/2/2024 01/02/2024
31/1/2024 1/31/2024 31/12/2024 12/31/2024 29/2/2024 29/2/2023 30/2/2024 0/1/2024 1/0/2024 001/1/2024 1/13/2024
1/2/24 13/13/2024 13/12/2024 12/13/2024 1.2.2024 1-2-2024 1/2/0000 1/2/0001 1/2/9999 1/2/10000 1/2/2024/3 32/1/2024
02-Jan-2024 02-JAN-2024 02-jan-2024 02-jAn-2024 2-Jan-2024 02-Sep-2024 02-Sept-2024 02-Mai-2024 02-May-2024
02-Mär-2024 02-Foo-2024 31-Feb-2024 29-Feb-2024 29-Feb-2023 02-January-2024 02-Dec-0000 31-Dec-9999 02-Ma-2024
02-ſep-2024
""".split()
CLOCKS = """
00:00:00 03:04:05 23:59:59 23:59:60 24:00:00 24:00:01 25:00:00 03:60:00 03:04:60 3:4:5 3:04:05 03:04 03:04:05.1
03:04:05.123 03:04:05.123456 03:04:05.1234567 03:04:05.000 03:04:05. 03:04:05,123 03:04:05Z 03:04:05+01:00
03:04:05PM 03.04.05 03:04:5 03:-4:05
""".split()
HALVES = re.split(
    ", ",
    "12:00 AM, 12:30 am, 01:00 AM, 12:00 PM, 11:59 pm, 00:30 AM, 13:00 PM, 1:00 PM, 1:30 pm, "
    "01:60 PM, 01:00, 01:00PM, 01:00 xm, 01:00 a.m.",
)
SHORT_DAYS = ("1/2/24", "12/31/99", "2/30/24", "12/31/69", "1/1/70", "1/1/00", "1/2/2024")
LOCAL_TIMES = """\
2024-02-30 03:04:05, 2024-1-2 03:04:05, 2024-01-02 03:04:05 UTC, 2024-01-02_03:04:05, 0000-01-01 00:00:00,
0001-01-01 00:00:00, 0001-01-01 23:00:00, 0001-01-02 00:00:00, 9999-12-31 23:59:59, 9999-12-31 10:00:00,
9999-12-30 00:00:00, 10000-01-01 00:00:00, 1582-10-05 00:00:00, 1700-06-01 12:00:00, 1883-11-18 11:59:59,
1893-04-01 00:03:00, 1916-05-01 00:30:00, 1945-05-24 02:30:00, 1947-05-11 03:30:00, 1980-04-06 02:30:00,
1969-12-31 23:59:59, 1970-01-01 00:00:00, 2004-02-29 23:59:59, 2005-04-03 02:15:00, 2024-03-10 01:59:59,
2024-03-10 02:00:00, 2024-03-10 02:30:00, 2024-03-10 02:59:59, 2024-03-10 03:00:00, 2024-11-03 00:59:59,
2024-11-03 01:00:00, 2024-11-03 01:30:00, 2024-11-03 01:59:59, 2024-11-03 02:00:00, 2024-03-31 01:59:59,
2024-03-31 02:00:00, 2024-03-31 02:30:00, 2024-03-31 02:59:59, 2024-03-31 03:00:00, 2024-10-27 01:59:59,
2024-10-27 02:00:00, 2024-10-27 02:30:00, 2024-10-27 02:59:59, 2024-10-27 03:00:00, 2037-07-01 12:00:00,
2037-12-31 23:59:59, 2038-01-01 00:00:00, 2038-01-19 03:14:08, 2038-03-14 02:30:00, 2038-07-01 12:00:00,
2066-03-28 02:30:00, 2099-07-01 12:00:00, 2099-11-01 01:30:00, 2100-02-28 23:59:59, 2100-03-01 00:00:00,
2100-07-01 12:00:00, 2104-02-29 12:00:00, 2500-03-08 02:30:00, 2500-07-01 12:00:00, 9999-07-01 12:00:00,
9999-12-31 00:00:00, 01/02/2024 03:04:05.123456, 01/02/2024 03:04:05.000001, 01/02/2024 03:04:05.1,
01/02/2024 03:04:05.1234567, 13/12/2024 23:59:59.999999, 20240102 030405, 20240102030405, 20240230 030405,
20240102 246060, 1704164645, 1704164645000, 45293, 45293.5, 59, 60, 60.5, 61, 1, 45293.510416666664, 45293.0,
1704164645.5, 1704164645.123456789, -1, -1.5, -0.5, 99999999999, 99999999999999, 2024-01-02T03:04, 2024-01-02 03:04Z,
2024-01-02T03:04:05.1234567Z, 2024-01-02T00:00:00.000+02:00, 2024-01-02T00:00Z, 2024-01-02T00:00, 2024-01-02 00:00:00,
2024-01-02T03:04:05.5+0530, 2024-01-02T03:04:05+18:30, 2024-03-31T02:30, 2024-01-02T00:00:00.000001"""
"""Among them the gaps and overlaps of the clocks of New York (10 March, 3 November 2024) and Berlin (31 March,
27 October), and times beyond 2099, where Sail's tables of time zones end."""
TIMES = [
    *[f"2024-01-02 {clock}" for clock in CLOCKS],
    *[f"{text}{mark}" for text in ("2024-01-02", "2024-01-02 03:04:05", "1/2/2024 01:00 PM") for mark in MARKS],
    *[f"{day} {clock}" for day in ("1/2/2024", "31/12/2024", "30/2/2024") for clock in HALVES],
    *[f"{day} {clock}" for day in SHORT_DAYS for clock in ("0:00", "9:05", "09:05", "23:59", "24:00", "9:5")],
    "2024-01-02\t03:04:05",
    "2024-01-02  03:04:05",
    *re.split(r",\s+", LOCAL_TIMES),
]
TEXTS = list(dict.fromkeys([None, *NUMBERS, *SPACED, *UNSEEN, *WORDS, *DATES, *TIMES]))


# The reference: what each text should mean, in plain Python.


def trimmed(text: str | None) -> str | None:
    return (text or "").strip(BLANKS) or None


def whole(bits: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if not re.fullmatch(r"[+-]?[0-9]+([.]0*)?", text):
            return None
        number = int(text.partition(".")[0])
        return number if -(1 << bits - 1) <= number < 1 << bits - 1 else None

    return read


def exact(precision: int, scale: int) -> Callable[[str], Decimal | None]:
    def read(text: str) -> Decimal | None:
        if not re.fullmatch(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)", text):
            return None
        digits, _, decimals = text.lstrip("+-").partition(".")
        if scale == 0 and not digits:
            return None
        digits, decimals = digits.lstrip("0"), decimals.rstrip("0")
        if len(digits) > precision - scale or len(decimals) > scale:
            return None
        number = Decimal((text[0] == "-", tuple(map(int, digits + decimals.ljust(scale, "0"))), -scale))
        return number or abs(number)

    return read


def floating(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        return None
    return float(text) if math.isfinite(float(text)) else None


def flag(yes: set[str], no: set[str]) -> Callable[[str], bool | None]:
    return lambda text: True if text.lower() in yes else False if text.lower() in no else None


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
PARTS = {
    "yyyy": "(?P<year>[0-9]{4})",
    "yy": "(?P<year>[0-9]{2})",
    "MMM": "(?P<name>[A-Za-z]{3})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{2})",
    "d": "(?P<day>[0-9]{1,2})",
    "HH": "(?P<hour>[0-9]{2})",
    "H": "(?P<hour>[0-9]{1,2})",
    "hh": "(?P<hour12>[0-9]{2})",
    "h": "(?P<hour12>[0-9]{1,2})",
    "mm": "(?P<minute>[0-9]{2})",
    "ss": "(?P<second>[0-9]{2})",
    "SSSSSS": "(?P<fraction>[0-9]{6})",
    "SSS": "(?P<fraction>[0-9]{3})",
    "a": "(?P<half>[AaPp][Mm])",
    "XXX": "(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})",
}


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def named(text: str, date_format: str, zone: str) -> datetime | None:
    """A format with a name: iso, excel, excel_1904, unix, unix_millis."""
    if date_format == "iso":
        return iso(text, zone)
    if date_format == "unix":
        found = re.fullmatch(r"(-?[0-9]{1,11})([.]([0-9]{1,9}))?", text)
        micros = int(found[1] + (found[3] or "").ljust(6, "0")[:6]) if found else None
    elif date_format == "unix_millis":
        micros = int(text) * 1000 if re.fullmatch(r"-?[0-9]{1,14}", text) else None
    else:
        if not re.fullmatch(r"[0-9]{1,7}([.][0-9]{1,15})?", text):
            return None
        days = float(text)
        if date_format == "excel" and 60 <= days < 61:
            return None
        first = date(1904, 1, 1) if date_format == "excel_1904" else date(1899, 12, 31 if days < 60 else 30)
        since = (first - date(1970, 1, 1)).days
        micros = (math.floor(days * 86_400_000 + 0.5) + since * 86_400_000) * 1000
    try:
        local = EPOCH + timedelta(microseconds=micros) if micros is not None else None
        return local if local is None or date_format.startswith("unix") else utc(local, zone)
    except OverflowError:
        return None


def iso(text: str, zone: str) -> datetime | None:
    found = re.fullmatch(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2})([ T]([0-9]{2}:[0-9]{2})(:[0-9]{2})?([.][0-9]{1,9})?"
        r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
        text,
    )
    if not found or (found[5] and not found[4]):
        return None
    second = (found[4] or ":00") + (found[5] or ".0").ljust(7, "0")[:7]
    form = "yyyy-MM-dd HH:mm:ss.SSSSSS"
    offset = found[6]
    if offset and offset != "Z":
        offset = f"{offset[:3]}:{offset[-2:]}"
    return moment(f"{found[1]} {found[3] or '00:00'}{second}{offset or ''}", form + "XXX" * bool(offset), zone)


def moment(text: str, date_format: str, zone: str) -> datetime | None:
    if date_format in ("iso", "excel", "excel_1904", "unix", "unix_millis"):
        return named(text, date_format, zone)
    pieces = re.findall(r"'[^']*'|y+|M+|d+|H+|h+|m+|s+|S+|a|X+|.", date_format)
    found = re.fullmatch("".join(PARTS.get(p) or re.escape(p.strip("'")) for p in pieces), text)
    if not found:
        return None
    part = found.groupdict()
    year = int(part["year"]) + (2000 if len(part["year"]) == 2 else 0)
    if "name" in part:
        if part["name"].lower() not in MONTHS:
            return None
        month = MONTHS.index(part["name"].lower()) + 1
    else:
        month = int(part["month"])
    hour = int(part.get("hour") or 0)
    if "hour12" in part:
        if not 1 <= int(part["hour12"]) <= 12:
            return None
        hour = int(part["hour12"]) % 12 + 12 * (part["half"].lower() == "pm")
    try:
        local = datetime(year, month, int(part["day"]), tzinfo=UTC) + timedelta(
            hours=within(hour, 23),
            minutes=within(int(part.get("minute") or 0), 59),
            seconds=within(int(part.get("second") or 0), 59),
            microseconds=int((part.get("fraction") or "0").ljust(6, "0")),
        )
        written = part.get("offset")
        if written is None:
            return utc(local, zone)
        if written == "Z":
            return local
        ahead = timedelta(hours=int(written[1:3]), minutes=within(int(written[4:]), 59))
        if ahead > timedelta(hours=18):
            return None
        return local + ahead if written[0] == "-" else local - ahead
    except (ValueError, OverflowError):
        return None


def within(number: int, most: int) -> int:
    if number > most:
        raise ValueError(f"{number} is more than {most}")
    return number


def utc(local: datetime, zone: str) -> datetime:
    """Of two readings the earlier; a time that the clocks left out is moved on by as much as they were."""
    known = local.replace(year=min(local.year, 2096), tzinfo=ZoneInfo(zone), fold=0)  # nobody knows the later rules
    return local - (known.utcoffset() or timedelta(0))


def instant(formats: tuple[str, ...], zone: str) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        found = next((m for f in formats if (m := moment(text, f, zone))), None)
        return None if found is None else (found - EPOCH) // timedelta(microseconds=1)

    return read


def day(*formats: str) -> Callable[[str], int | None]:
    def at_midnight(text: str, form: str) -> datetime | None:
        zoned = re.fullmatch(r"([0-9-]{10}[ T][0-9:.]+)(Z|[+-][0-9]{2}:?[0-9]{2})", text) if form == "iso" else None
        if zoned and iso("2024-01-01T00:00" + zoned[2], "UTC"):  # the day is the one that is written, wherever it is
            text = zoned[1]
        found = moment(text, form, "UTC")
        has_time = form in ("iso", "excel", "excel_1904", "unix", "unix_millis")
        return None if found and has_time and found.timetz() != EPOCH.timetz() else found

    def read(text: str) -> int | None:
        found = next((m for f in formats if (m := at_midnight(text, f))), None)
        return None if found is None else (found.date() - date(1970, 1, 1)).days

    return read


def stamp(zone: str, *formats: str) -> tuple[Column, str, Callable[[str], Any]]:
    return Column(type="timestamp", format=formats), zone, instant(formats or ("yyyy-MM-dd HH:mm:ss",), zone)


NEW_YORK, BERLIN, SYDNEY = "America/New_York", "Europe/Berlin", "Australia/Sydney"
YES, NO = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}
CASES: dict[str, tuple[Column, str, Callable[[str], Any]]] = {
    "int": (Column(type="int"), "UTC", whole(32)),
    "bigint": (Column(type="bigint"), "UTC", whole(64)),
    **{
        f"decimal_{p}_{s}": (Column(type=f"decimal({p},{s})"), "UTC", exact(p, s))
        for p, s in ((10, 2), (5, 0), (38, 0), (38, 18), (3, 3))
    },
    "money": (Column(type="money"), "UTC", exact(19, 4)),
    "double": (Column(type="double"), "UTC", floating),
    "boolean": (Column(type="boolean"), "UTC", flag(YES, NO)),
    "switch": (Column(type="boolean", true_values="ON", false_values=("off", "")), "UTC", flag({"on"}, {"off"})),
    "date": (Column(type="date"), "UTC", day("yyyy-MM-dd")),
    "date_in_berlin": (Column(type="date"), BERLIN, day("yyyy-MM-dd")),
    "date_dmy": (Column(type="date", format="d/M/yyyy"), "UTC", day("d/M/yyyy")),
    "date_named": (Column(type="date", format="dd-MMM-yyyy"), "UTC", day("dd-MMM-yyyy")),
    "date_compact": (Column(type="date", format="yyyyMMdd"), "UTC", day("yyyyMMdd")),
    "date_several": (
        Column(type="date", format=("yyyy-MM-dd", "M/d/yyyy", "dd/MM/yyyy")),
        "UTC",
        day("yyyy-MM-dd", "M/d/yyyy", "dd/MM/yyyy"),
    ),
    "at_utc": stamp("UTC"),
    "at_new_york": stamp(NEW_YORK),
    "at_berlin": stamp(BERLIN),
    "at_sydney": stamp(SYDNEY),
    "at_day": stamp(BERLIN, "yyyy-MM-dd"),
    "at_noon": stamp(NEW_YORK, "d/M/yyyy hh:mm a"),
    "at_noon_short": stamp("UTC", "d/M/yyyy h:mm a"),
    "at_short": stamp("UTC", "M/d/yy H:mm"),
    "at_millis": stamp("UTC", "yyyy-MM-dd HH:mm:ss.SSS"),
    "at_micros": stamp(BERLIN, "dd/MM/yyyy HH:mm:ss.SSSSSS"),
    "at_offset": stamp(NEW_YORK, "yyyy-MM-dd'T'HH:mm:ssXXX"),
    "at_compact": stamp("UTC", "yyyyMMdd HHmmss"),
    "iso": stamp(BERLIN, "iso"),
    "iso_utc": stamp("UTC", "iso"),
    "excel": stamp(NEW_YORK, "excel"),
    "excel_1904": stamp("UTC", "excel_1904"),
    "unix": stamp(BERLIN, "unix"),
    "unix_millis": stamp(BERLIN, "unix_millis"),
    "date_iso": (Column(type="date", format="iso"), BERLIN, day("iso")),
    "date_excel": (Column(type="date", format=("dd/MM/yyyy", "excel")), BERLIN, day("dd/MM/yyyy", "excel")),
    "at_several": stamp(
        NEW_YORK, "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd"
    ),
}


def test_every_text_through_every_type_and_format_gives_what_plain_python_gives(spark: SparkSession) -> None:
    from pyspark.sql import functions as F

    values = {}
    for name, (column, zone, _) in CASES.items():
        value = typed(text_of("text", column), column, zone)
        readable = {"timestamp": F.unix_micros, "date": F.unix_date}.get(column.type, lambda v: v)
        values[name] = readable(value)
    rows = spark.createDataFrame(list(enumerate(TEXTS)), "id INT, text STRING")
    found = {row["id"]: row for row in rows.select("id", *[v.alias(n) for n, v in values.items()]).collect()}
    wrong = []
    for number, text in enumerate(TEXTS):
        for name, (_, _, read) in CASES.items():
            clean = trimmed(text)
            expected = None if clean is None else read(clean)
            got = found[number][name]
            if got != expected or type(got) is not type(expected):
                wrong.append(f"{text!r} as {name}: {got!r}, not {expected!r}")
    assert len(found) == len(TEXTS) > 500
    assert wrong == [], "\n".join(wrong)


def test_a_text_is_trimmed_and_some_texts_mean_null(spark: SparkSession) -> None:
    texts = [None, "", " \t\u00a0", " a ", "\u00a0b c\r\n", "-", " - ", "N/A", "n/a", "\ufeff--"]
    rows = spark.createDataFrame([(n, text) for n, text in enumerate(texts)], "id INT, text STRING")
    column = Column(null_values=("-", "N/A"))
    found = {row[0]: row[1] for row in rows.select("id", text_of("text", column)).collect()}
    assert [found[n] for n in range(len(texts))] == [None, None, None, "a", "b c", None, None, None, "n/a", "--"]
