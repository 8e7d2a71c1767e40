"""Where the people of the sample live: made-up towns in real states."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from c360.sample.values import Ints

TOWNS = "Ash Bridge Clear Dun East Fair Glen Haver King Lake Mill North Oak River Spring Stone Wood".split()
TOWN_ENDS = "borough bury field ford haven land mouth port side stead ton ville wick".split()
STREETS = "Avenue Court Drive Grove Hill Lane Parkway Place Ridge Road Square Street Terrace Trail View Way".split()
SHORT = {"Avenue": "Ave", "Court": "Ct", "Drive": "Dr", "Lane": "Ln", "Parkway": "Pkwy", "Place": "Pl", "Road": "Rd"}
SHORT |= {"Square": "Sq", "Street": "St", "Terrace": "Ter", "Trail": "Trl"}

STATES = {
    "AZ": "Arizona",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "FL": "Florida",
    "GA": "Georgia",
    "IL": "Illinois",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "NC": "North Carolina",
    "NJ": "New Jersey",
    "NY": "New York",
    "OH": "Ohio",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VA": "Virginia",
    "WA": "Washington",
    "WI": "Wisconsin",
}
_WEIGHTS = {"CA": 4, "TX": 3, "NY": 3, "FL": 2, "WA": 2, "OR": 2, "PA": 2}
_CODES = [code for code in STATES for _ in range(_WEIGHTS.get(code, 1))]

COUNT = len(TOWNS) * len(TOWN_ENDS)
TOWN = [f"{begin}{end}" for end in TOWN_ENDS for begin in TOWNS]
STATE = [_CODES[n * 7 % len(_CODES)] for n in range(COUNT)]
"""The state of each town."""
ZIP = [f"{10 + n * 37 % 899:03d}" for n in range(COUNT)]
"""The first three digits of its zip codes."""

PLACES = [f"{town}, {state}" for town, state in zip(TOWN, STATE, strict=True)]
"""Such as Ashford, CA."""

TOWN_NAMES = pa.array(TOWN)
STATE_CODES = pa.array(STATE)
ZIP_AREAS = pa.array(ZIP)
AREA_CODES = pa.array([str(code) for code in range(201, 990) if code % 100 not in (0, 11, 55) and code % 10])
"""Of telephone numbers."""


def places(first: int, count: int) -> Ints:
    """Positions of `count` towns, different ones as long as there are enough."""
    return (first + 5 * np.arange(count)) % COUNT
