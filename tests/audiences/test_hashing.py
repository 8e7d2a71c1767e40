"""Hashes as ad platforms match them; the expected ones were made by sha256sum."""

from __future__ import annotations

import pytest

from c360.audiences.hashing import HASHED, e164, google_email, normal_email, sha256

JANE_DOT_DOE = "831f6494ad6be4fcb3a724c3d5fef22d3ceffa3c62ef3a7984e45a0ea177f982"
JANEDOE = "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69"


@pytest.mark.parametrize(
    ("written", "normal", "google"),
    [
        (" Test@Example.COM\n", "test@example.com", "test@example.com"),
        ("Jane.Doe@Gmail.com", "jane.doe@gmail.com", "janedoe@gmail.com"),
        ("j.d+news@googlemail.com", "j.d+news@googlemail.com", "jd+news@googlemail.com"),
        ("jane.doe@mail.gmail.com", "jane.doe@mail.gmail.com", "jane.doe@mail.gmail.com"),
        ("jane doe@x.org", "janedoe@x.org", "janedoe@x.org"),
        ("..@gmail.com", "..@gmail.com", None),
        ("nobody", None, None),
        ("a@b@c", None, None),
        ("@x.org", None, None),
        ("", None, None),
    ],
)
def test_an_address_is_lower_case_without_blanks_and_at_gmail_without_dots_for_google(written, normal, google):
    assert (normal_email(written), google_email(written)) == (normal, google)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+18005550100", "+18005550100"),
        (" +1 (800) 555-0100 ", "+18005550100"),
        ("+49 (0) 30/123.456", "+4930123456"),
        ("0049 30 123456", "+4930123456"),
        ("+49\u00a030 123456", "+4930123456"),
        ("030 123456", None),  # without a country code it may be anybody's
        ("555-0100", None),
        ("+49 30 123456 ext. 7", None),
        ("+0 30 123456", None),
        ("+49301", None),
        ("+1234567890123456", None),
        ("+٤٩٣٠١٢٣٤٥٦", None),
        ("", None),
    ],
)
def test_a_phone_has_its_country_code_or_is_left_out(written, number):
    assert e164(written) == number


@pytest.mark.parametrize(
    ("column", "value", "hashes"),
    [
        ("email", "Jane.Doe@gmail.com ", [JANE_DOT_DOE, JANEDOE]),
        ("email", "TEST@example.com", ["973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"] * 2),
        (
            "phone",
            "+1 (800) 555-0100",
            [
                "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30",
                "92cfdc5fbcd4a20fbe5d3857af6c1aba31762105bba7f21a17155e920653046c",
            ],
        ),
        ("phone", "555-0100", [None, None]),
        ("phone", None, [None, None]),
    ],
)
def test_the_hash_is_that_of_the_normal_form_in_lower_case_hex(column, value, hashes):
    assert [sha256(value, how) for how in HASHED[column].values()] == hashes
