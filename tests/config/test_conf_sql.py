"""The SQL in conf/: whether it parses, uses what is there, and means the same on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import Conf

from c360.config.expressions import query_problems, row_problems
from c360.config.load import load
from c360.errors import ConfigError

COLUMNS = ("amount", "email", "ordered_at")
TABLES = {"orders": ("order_id", "customer_id", "amount"), "customers": ("customer_id", "name"), "unclear": None}
ONLY_THE_ROW = "is not allowed here, only the columns of the row; write a query under unified"
CLOCK = "is not allowed: it reads the clock, and a result must depend on the input alone; use a column of the source"
RANDOM = (
    "is not allowed: it gives another value each time, and a result must depend on the input alone; "
    "use a hash of the key, md5(…)"
)
WHOLE_DAYS = (
    "is not allowed: Sail counts midnights, Spark whole days; use (unix_timestamp(b) - unix_timestamp(a)) / 86400"
)


def test_a_rule_that_uses_an_unknown_column_names_the_nearest(conf: Conf) -> None:
    conf.orders("rules:\n  amount_positive: amont > 0")
    assert conf.lines() == [
        "conf/sources/shop.yml:19 tables.orders.rules.amount_positive: no such column 'amont' "
        "(did you mean 'amount'?); allowed: order_id, customer_id, amount, ordered_at"
    ]


def test_a_rule_may_use_derived_columns_and_a_derived_column_may_not(conf: Conf) -> None:
    conf.orders("derive: {double: amount * 2, quadruple: double * 2}\nrules: {small: quadruple < 100}")
    assert conf.lines() == [
        "conf/sources/shop.yml:18 tables.orders.derive.quadruple: no such column 'double'; "
        "allowed: order_id, customer_id, amount, ordered_at"
    ]


def test_mapped_columns_and_conditions_are_checked_against_their_table(conf: Conf) -> None:
    conf.unified(
        """\
        orders:
          - from: orders
            where: amnt > 0
            columns:
              order_id: concat('o-', order_id
              total_amount: CAST(amount AS decimel)
        """
    )
    assert conf.lines() == [
        "conf/sources/shop.yml:21 unified.orders[0].where: no such column 'amnt' (did you mean 'amount'?); "
        "allowed: order_id, customer_id, amount, ordered_at, _delivered_at",
        "conf/sources/shop.yml:23 unified.orders[0].columns.order_id: "
        "not valid SQL: expecting ) at 'order_id' (character 21)",
        "conf/sources/shop.yml:24 unified.orders[0].columns.total_amount: "
        "not valid SQL: expected TYPE after CAST at 'decimel' (character 22)",
    ]


def test_a_query_gives_the_columns_that_are_mapped(conf: Conf) -> None:
    conf.unified(
        """\
        orders:
          query: |
            SELECT o.order_id, c.email, sum(o.amount) AS total
            FROM orders o JOIN customers c ON c.customer_id = o.customer_id
            GROUP BY o.order_id, c.email
          columns:
            order_id: order_id
            total_amount: totl
        """
    )
    assert conf.lines() == [
        "conf/sources/shop.yml:26 unified.orders.columns.total_amount: no such column 'totl' (did you mean 'total'?); "
        "allowed: order_id, email, total"
    ]


def test_without_sql_checks_only_names_are_checked(conf: Conf) -> None:
    conf.orders("rules: {positive: amont > (}\nevent_at: amount")
    with pytest.raises(ConfigError) as raised:
        load(Path("conf"), check_sql=False)
    assert str(raised.value) == (
        "conf/sources/shop.yml:19 tables.orders.event_at: amount is decimal(19,4); it must be a date or a timestamp"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "amount > 0 AND email IS NOT NULL",
        "AMOUNT > 0",
        "`amount` BETWEEN 1 AND 2 OR email IN ('a', \"b\")",
        "email = ''",
        "email = 'o\\'neil'",
        "email RLIKE '^[^@ ]+@[^@ ]+$'",
        "regexp_extract(email, '\\\\d+[.]\\\\d', 0)",
        "email = 'now() and a (?=look) \\\\w'",
        "exists(array(amount, 1), x -> x > 0)",
        "aggregate(array(amount), 0, (total, x) -> total + x) > 0",
        "datediff(ordered_at, DATE '2020-01-01') > 0",
        "date_add(ordered_at, 1) + INTERVAL 1 DAY > ordered_at",
        "timestampadd(HOUR, 1, ordered_at) > ordered_at",
        "unix_timestamp(ordered_at) > 0",
        "extract(YEAR FROM ordered_at) = 2024",
        "CASE WHEN amount > 0 THEN TRY_CAST(email AS DECIMAL(10,2)) END",
        "email LIKE ANY ('a%', 'b%')",
        "date_format(ordered_at, 'yyyy-MM') -- the month",
        "greatest(amount, 0) > 0",
        "map('a', amount)['a'] > 0",
    ],
)
def test_sql_that_holds_is_accepted(sql: str) -> None:
    assert row_problems(sql, COLUMNS) == []


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("", "not valid SQL: there is nothing in it"),
        ("-- only this", "not valid SQL: there is nothing in it"),
        ("amount >", "not valid SQL: something is missing at '>' (character 8)"),
        ("(amount > 0", "not valid SQL: expecting ) at '0' (character 11)"),
        ("amount > 0\nAND (email = 'a'\nOR", "not valid SQL: something is missing at 'OR' (line 3 of it, character 2)"),
        ("email = 'a", "not valid SQL: a quote or comment opened in it is never closed"),
        ("amount amount amount", "not valid SQL: unexpected at 'amount' (character 20)"),
        ("map(amount)", "not valid SQL: a function lacks an argument, or too much is nested"),
        ("amount; email", "not valid SQL: there are several statements, separated by ;"),
        ("amount, email", "not valid SQL: unexpected at ',' (character 7)"),
        ("amount AS paid", "must be one expression, without a comma, a name (AS) or a statement around it"),
        ("*", "must be one expression, without a comma, a name (AS) or a statement around it"),
        ("DROP TABLE orders", "must be one expression, without a comma, a name (AS) or a statement around it"),
        ("amount > :least", "parameters (?, :name, @name) are not filled here; write the value"),
        ("orders.amount > 0", "the column is written orders.amount; leave out orders."),
        ("(SELECT 1) > amount", f"a subquery {ONLY_THE_ROW}"),
        ("EXISTS (SELECT 1 FROM orders)", f"a subquery {ONLY_THE_ROW}"),
        ("amount IN (SELECT 1)", f"a subquery {ONLY_THE_ROW}"),
        ("sum(amount) > 0", f"the aggregate or row-making function SUM(amount) {ONLY_THE_ROW}"),
        ("try_sum(amount) > 0", f"the aggregate or row-making function TRY_SUM(amount) {ONLY_THE_ROW}"),
        ("explode(array(amount))", f"the aggregate or row-making function EXPLODE(ARRAY(amount)) {ONLY_THE_ROW}"),
        ("row_number() OVER (ORDER BY amount) = 1", f"a window function {ONLY_THE_ROW}"),
        (
            "email = 'o''neil'",
            "a quote inside a literal is written twice (''); Sail drops it without an error; write \\'",
        ),
        (
            'email = "say ""hi"""',
            "a quote inside a literal is written twice (''); Sail drops it without an error; write \\'",
        ),
        (
            "InitCap (email)",
            "initcap is not allowed: the engines capitalise o'neil and mc-donald differently; "
            "use upper(substr(x, 1, 1)) and lower(…)",
        ),
        ("bround(amount)", "bround is not allowed: its type differs between the engines; use round"),
        (
            "try_to_date(email)",
            "try_to_date is not allowed: Sail has no such function; "
            "use CAST(try_to_timestamp(x, 'yyyy-MM-dd') AS DATE)",
        ),
        (
            "input_file_name()",
            "input_file_name is not allowed: Sail has no such function; bronze keeps the file in _source_file",
        ),
        ("now() > ordered_at", f"now {CLOCK}"),
        ("current_date > ordered_at", f"current_date {CLOCK}"),
        ("CURRENT_TIMESTAMP() > ordered_at", f"current_timestamp {CLOCK}"),
        ("unix_timestamp() > 0", f"unix_timestamp() {CLOCK}"),
        ("rand() > 0.5", f"rand {RANDOM}"),
        ("uuid()", f"uuid {RANDOM}"),
        (
            "monotonically_increasing_id()",
            "monotonically_increasing_id is not allowed: it depends on how the engine splits the data; "
            "use the key, or row_number() in a query",
        ),
        ("timestampdiff(DAY, ordered_at, ordered_at) > 1", f"timestampdiff {WHOLE_DAYS}"),
        ("datediff(DAY, ordered_at, coalesce(ordered_at, ordered_at)) > 1", f"datediff with a unit {WHOLE_DAYS}"),
        (
            "email RLIKE '^\\\\w+$'",
            "the pattern '^\\\\w+$' is not allowed: \\w means other letters on each engine; "
            "write the class out, such as [A-Za-z0-9_]",
        ),
        (
            "regexp_replace(email, r'\\W', '')",
            "the pattern r'\\W' is not allowed: \\w means other letters on each engine; "
            "write the class out, such as [A-Za-z0-9_]",
        ),
        (
            "email REGEXP '(?<!x)y'",
            "the pattern '(?<!x)y' is not allowed: Sail knows no look-ahead and no look-behind; "
            "match the whole and take a group out of it",
        ),
        (
            "rlike(email, '(a)\\\\1')",
            "the pattern '(a)\\\\1' is not allowed: Sail knows no back-references such as \\1 in a pattern; "
            "compare groups with regexp_extract",
        ),
        (
            "split(email, '\\.')[0]",
            "the pattern '\\.' is not allowed: SQL drops a single backslash, so that \\d is only d "
            "and \\. any character; write two, or [0-9] and [.]",
        ),
    ],
)
def test_sql_that_fails_or_differs_between_the_engines_is_refused_with_what_to_do(sql: str, problem: str) -> None:
    assert [p.text for p in row_problems(sql, COLUMNS)] == [problem]


def test_percentiles_are_refused_as_aggregates_and_because_they_differ() -> None:
    assert [p.text for p in row_problems("percentile_approx(amount, 0.5) > 1", COLUMNS)] == [
        "percentile_approx is not allowed: Sail interpolates where Spark does not; "
        "use percentile, percentile_cont or median",
        f"the aggregate or row-making function PERCENTILE_APPROX(amount, 0.5) {ONLY_THE_ROW}",
    ]


def test_every_unknown_column_is_named_once_and_none_where_the_columns_are_not_known() -> None:
    assert [p.text for p in row_problems("amont > 0 AND amont < 9 AND mail = 'a'", COLUMNS)] == [
        "no such column 'amont' (did you mean 'amount'?)",
        "no such column 'mail' (did you mean 'email'?)",
    ]
    assert row_problems("amont > 0", None) == []


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT o.order_id, c.name AS who FROM orders o JOIN customers c USING (customer_id)", ("order_id", "who")),
        (
            "WITH totals AS (SELECT customer_id, sum(amount) AS total FROM orders GROUP BY 1) "
            "SELECT name, total FROM customers c JOIN totals ON totals.customer_id = c.customer_id ORDER BY total",
            ("name", "total"),
        ),
        (
            "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE customer_id = c.customer_id)",
            ("name",),
        ),
        ("SELECT order_id AS id FROM orders UNION ALL SELECT customer_id FROM customers", ("id",)),
        ("SELECT row_number() OVER (PARTITION BY customer_id ORDER BY order_id) AS nth FROM orders", ("nth",)),
        ("SELECT part.word FROM customers LATERAL VIEW explode(split(name, ' ')) part AS word", ("word",)),
        ("SELECT anything FROM unclear", ("anything",)),
    ],
)
def test_a_query_over_the_source_s_tables_is_accepted(sql: str, columns: tuple[str, ...]) -> None:
    assert query_problems(sql, TABLES) == ([], columns)


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("SELECT order_id FROM", ["not valid SQL: expected table name at 'FROM' (character 20)"]),
        ("SELECT o.amount FROM orders o, customers o", ["not valid SQL: Alias already used: o"]),
        ("SELECT id FROM range(9)", ["the table is written RANGE(9); write the name of one of the source's"]),
        ("SELECT order_id FROM ordr", ["no such table 'ordr' (did you mean 'orders'?) | orders, customers, unclear"]),
        (
            "SELECT amount FROM silver_shop.orders",
            ["the table is written silver_shop.orders; write the name of one of the source's"],
        ),
        (
            "SELECT o.nam, c.amount FROM orders o, customers c",
            [
                "no such column 'o.nam' | order_id, customer_id, amount",
                "no such column 'c.amount' | customer_id, name",
            ],
        ),
        ("SELECT x.amount FROM orders o", ["no such table or alias 'x' | o"]),
        (
            "SELECT totl FROM (SELECT sum(amount) AS total FROM orders) t",
            ["no such column 'totl' (did you mean 'total'?) | total"],
        ),
        (
            "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE custmer_id = c.customer_id)",
            ["no such column 'custmer_id' (did you mean 'customer_id'?) | customer_id, name, order_id, amount"],
        ),
        ("SELECT * FROM orders", ["SELECT * hides which columns it gives; name them"]),
        ("SELECT upper(name) FROM customers", ["every column needs a name; write AS name after the expression"]),
        ("SELECT amount, order_id AS amount FROM orders", ["two columns are named 'amount'"]),
        ("DELETE FROM orders", ["must be a SELECT"]),
        ("SELECT amount FROM orders WHERE current_date() > '2024-01-01'", [f"current_date {CLOCK}"]),
        (
            "SELECT sum(amount) OVER (ORDER BY order_id RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS a "
            "FROM orders",
            [
                "RANGE BETWEEN INTERVAL is not allowed: Sail sums the wrong rows without an error; "
                "number the days and use integers"
            ],
        ),
        (
            "SELECT amount FROM orders TABLESAMPLE (10 PERCENT)",
            ["TABLESAMPLE is not allowed: it picks other rows each time; filter by a hash of the key"],
        ),
        (
            "SELECT amount FROM orders QUALIFY row_number() OVER (ORDER BY amount) = 1",
            ["QUALIFY is not allowed: Sail does not know it; filter in a query around it"],
        ),
    ],
)
def test_a_query_that_does_not_hold_is_explained(sql: str, lines: list[str]) -> None:
    problems, _ = query_problems(sql, TABLES)
    assert [f"{p.text} | {p.allowed}" if p.allowed else p.text for p in problems] == lines
