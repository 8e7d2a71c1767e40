"""Date formats: what can be declared, and what texts they allow."""

from __future__ import annotations

import pytest

from c360.config.dates import shape_of


@pytest.mark.parametrize("date_format", ["EEE d MMM yyyy", "yyyy-DD", "yyyy-MM-dd'T'HH:mm:ss.SS", "yyyyy"])
def test_a_date_format_the_engines_might_read_differently_is_refused(date_format: str) -> None:
    with pytest.raises(ValueError, match="is not supported; use yyyy, yy, MMM, MM"):
        shape_of(date_format)


def test_the_shape_of_a_date_format_takes_its_other_characters_literally() -> None:
    assert shape_of("yyyy.MM 'at' H'") == r"^[0-9]{4}\.[0-9]{2}\ at\ [0-9]{1,2}'$"
