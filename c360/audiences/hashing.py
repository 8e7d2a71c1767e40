"""E-mail addresses and phone numbers as ad platforms match them: normalised, then SHA-256 in lower-case hex, no salt.

The platforms want the same hash of differently written values, so each way has a column of its own:

- Google (Customer Match; https://developers.google.com/data-manager/api/get-started/formatting): e-mail without blanks,
  in lower case, and at gmail.com and googlemail.com without the dots before the @; phone as E.164 with its plus sign.
- Meta (https://developers.facebook.com/docs/marketing-api/custom-audience-api; without the plus sign, as
  https://help.salesforce.com/s/articleView?id=000391108 found), TikTok
  (https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file) and X
  (https://developer.x.com/en/docs/x-ads-api/audiences/overview/user-data): e-mail trimmed and in lower case, its dots
  left alone; phone (Meta and TikTok) as digits with the country code, without plus sign and leading zeros. TikTok also
  takes out what follows a + in the name; the other two do not, so such an address is not found there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

_GMAIL = ("gmail.com", "googlemail.com")
_BETWEEN_DIGITS = re.compile(r"[ \u00a0().\-/]")


def normal_email(email: str) -> str | None:
    """The address without blanks and in lower case; None if it is none."""
    text = re.sub(r"\s", "", email).lower()
    return text if re.fullmatch(r"[^@]+@[^@]+", text) else None


def google_email(email: str) -> str | None:
    """The same; at Gmail, which does not look at them, also without the dots before the @."""
    text = normal_email(email)
    if text is None:
        return None
    name, _, domain = text.partition("@")
    name = name.replace(".", "") if domain in _GMAIL else name
    return f"{name}@{domain}" if name else None


def e164(phone: str) -> str | None:
    """The number as `+4930123456`; None without a country code, as a guessed one would name another person's phone."""
    text = phone.strip()
    prefix = next((p for p in ("+", "00") if text.startswith(p)), None)
    if prefix is None:
        return None
    digits = _BETWEEN_DIGITS.sub("", text.removeprefix(prefix).replace("(0)", ""))
    return f"+{digits}" if re.fullmatch(r"[1-9][0-9]{6,14}", digits) else None


def _digits(phone: str) -> str | None:
    number = e164(phone)
    return number and number.removeprefix("+")


HASHED: Mapping[str, Mapping[str, Callable[[str], str | None]]] = {
    "email": {"email_sha256": normal_email, "email_sha256_google": google_email},
    "phone": {"phone_sha256": e164, "phone_sha256_digits": _digits},
}
"""Column of gold.customer_360 → the columns that stand for it in a hashed file, and what is hashed in them."""


def sha256(value: str | None, normalised: Callable[[str], str | None]) -> str | None:
    """The hash of a value as it is normalised; None where nothing is left of it."""
    text = None if value is None else normalised(value)
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()
