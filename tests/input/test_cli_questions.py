"""`c360 sql`, the unified views and `c360 customer`."""

from __future__ import annotations

import pytest

from tests.input.commands import Shop


def test_sql_answers_over_tables_and_unified_views_by_their_names(filled: Shop) -> None:
    rows = filled.json(
        "sql",
        "SELECT o.order_id, c.full_name, o.is_revenue, o.ordered_local_at, o.total_amount, s.status "
        "FROM unified.orders o LEFT JOIN unified.customers c ON o.c360_id = c.c360_id "
        "JOIN silver_shop.orders s ON CAST(s.order_id AS STRING) = o.order_id ORDER BY o.order_id",
    )

    assert [tuple(row.values()) for row in rows] == [
        ("10", "Ada Byron", True, "2025-02-28 23:30:00", "9.9900", "Completed"),
        ("11", "Ada Byron", False, "2025-02-27 08:00:00", "5.0000", "Cancelled"),
        ("12", None, True, None, "7.0000", None),
    ]


def test_a_unified_view_is_shown_like_a_table(filled: Shop) -> None:
    rows = filled.json("show", "unified.orders")

    assert sorted((row["order_id"], row["customer_id"], row["is_revenue"], row["ordered_at"]) for row in rows) == [
        ("10", "1", True, "2025-02-28 23:30:00"),
        ("11", "1", False, "2025-02-27 08:00:00"),
        ("12", None, True, None),
    ]


@pytest.mark.parametrize(
    ("statement", "begins"),
    [
        ("SELEC * FROM gold.rfm", "not a statement: "),
        ("SELECT * FROM gold.rfn", "the statement has no answer: "),
        ("SELECT nobody FROM gold.rfm", "the statement has no answer: "),
        ("SET spark.sql.ansi.enabled=false", "`c360 sql` takes one query, "),
        ("DELETE FROM gold.rfm", "`c360 sql` takes one query, "),
        ("DROP TABLE gold.rfm", "`c360 sql` takes one query, "),
        ("SELECT 1; DROP TABLE gold.rfm", "`c360 sql` takes one query, "),
        ("INSERT INTO gold.rfm SELECT * FROM gold.rfm", "`c360 sql` takes one query, "),
        ("", "`c360 sql` takes one query, "),
    ],
)
def test_a_statement_without_an_answer_is_one_sentence_and_changes_nothing(
    filled: Shop, statement: str, begins: str
) -> None:
    before = filled.lake.version("gold.rfm")

    said = filled.c360("sql", statement)

    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert said.err.startswith(begins)
    assert filled.lake.version("gold.rfm") == before


def test_values_of_every_kind_are_written_plainly(filled: Shop) -> None:
    statement = (
        "SELECT true AS yes, CAST(0 AS DECIMAL(38,10)) AS zero, DATE'2025-03-01' AS day, "
        "TIMESTAMP'2025-03-01 10:00:00.5' AS moment, CAST(NULL AS STRING) AS nothing, '' AS empty, "
        "CAST('NaN' AS DOUBLE) AS nan, 0.1D AS tenth, array(1, NULL) AS list, named_struct('a', 1) AS struct"
    )

    assert filled.c360("sql", statement, "--format", "csv").out == (
        "yes,zero,day,moment,nothing,empty,nan,tenth,list,struct\n"
        'true,0.0000000000,2025-03-01,2025-03-01 10:00:00.500000,,"",nan,0.1,"[1, null]","{""a"": 1}"\n'
    )
    assert filled.json("sql", statement) == [
        {
            "yes": True,
            "zero": "0.0000000000",
            "day": "2025-03-01",
            "moment": "2025-03-01 10:00:00.500000",
            "nothing": None,
            "empty": "",
            "nan": "nan",
            "tenth": 0.1,
            "list": [1, None],
            "struct": {"a": 1},
        }
    ]


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("WITH a AS (SELECT 1 AS x) SELECT x FROM a", "x\n1\n"),
        ("(SELECT 1 AS x) UNION ALL (SELECT 2) ORDER BY x", "x\n1\n2\n"),
        ("SELECT count(*) AS n FROM silver_shop.customers;", "n\n2\n"),
        (
            "SHOW TABLES IN silver_shop LIKE 'customers'",
            "database,tableName,isTemporary\nsilver_shop,customers,false\n",
        ),
    ],
)
def test_whatever_reads_is_answered(filled: Shop, statement: str, answer: str) -> None:
    said = filled.c360("sql", statement, "--format", "csv")

    assert (said.code, said.out, said.err) == (0, answer, "")


def test_two_columns_of_one_name_are_shown_and_refused_in_json(filled: Shop) -> None:
    assert filled.c360("sql", "SELECT 1 AS a, 2 AS a", "--format", "csv").out == "a,a\n1,2\n"
    said = filled.c360("sql", "SELECT 1 AS a, 2 AS a", "--format", "json")
    assert (said.code, said.err) == (2, "several columns are called a; give each a name of its own (AS)\n")


# customer


def test_a_customer_is_found_by_id_mail_and_part_of_the_name(filled: Shop) -> None:
    [ada] = filled.json("sql", "SELECT c360_id FROM unified.customer_records WHERE customer_id = '1'")

    cards = [filled.c360("customer", who) for who in (ada["c360_id"], "1", "ADA@x.org", "byr", " 1 ")]

    assert {(card.code, card.err) for card in cards} == {(0, "")}
    assert len({card.out for card in cards}) == 1
    assert cards[0].out.splitlines()[0] == "Ada Byron"
    assert {"full_name", "email", "revenue"} <= {line.split()[0] for line in cards[0].out.splitlines()[1:]}


def test_several_customers_are_a_list_and_nobody_is_an_error(filled: Shop) -> None:
    several = filled.c360("customer", "b")
    assert (several.code, several.out.splitlines()[-1]) == (0, "2 rows")
    nobody = filled.c360("customer", "zoe")
    assert (nobody.code, nobody.out, nobody.err) == (
        1,
        "",
        "nobody found for 'zoe'; give a c360_id, a source's customer id, an e-mail, a phone or a name\n",
    )
    assert filled.c360("customer", " ").code == 2
