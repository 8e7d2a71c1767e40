"""The SQL written in conf/: does it parse, does it use what is there, and does it mean the same on every engine?

What the engines do differently was measured (about 900 expressions on Spark 4.2 and Sail 0.7.2). Some of it gives
wrong answers without an error, so it is refused here, before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.tokenizer_core import Token, TokenType

from c360.config.explain import no_such

_CLOCK = "it reads the clock, and a result must depend on the input alone; use a column of the source"
_RANDOM = "it gives another value each time, and a result must depend on the input alone; use a hash of the key, md5(…)"
_PLACE = "it depends on how the engine splits the data; use the key, or row_number() in a query"
_SESSION = "it depends on who runs it, and a result must depend on the input alone"

REFUSED = {
    "initcap": "the engines capitalise o'neil and mc-donald differently; use upper(substr(x, 1, 1)) and lower(…)",
    "percentile_approx": "Sail interpolates where Spark does not; use percentile, percentile_cont or median",
    "approx_percentile": "Sail interpolates where Spark does not; use percentile, percentile_cont or median",
    "bround": "its type differs between the engines; use round",
    "try_to_date": "Sail has no such function; use CAST(try_to_timestamp(x, 'yyyy-MM-dd') AS DATE)",
    "input_file_name": "Sail has no such function; bronze keeps the file in _source_file",
    "timestampdiff": "Sail counts midnights, Spark whole days; use (unix_timestamp(b) - unix_timestamp(a)) / 86400",
    "weekday": "the engines number the days differently; use dayofweek (1 = Sunday)",
    "to_json": "the engines write decimals and timestamps differently; use concat and CAST",
    "session_window": "Sail has no such function; use lag in a query",
    "unix_timestamp()": _CLOCK,
    **dict.fromkeys(("now", "current_timestamp", "current_date", "curdate", "current_time", "localtimestamp"), _CLOCK),
    **dict.fromkeys(("rand", "random", "randn", "uuid", "shuffle", "randstr", "uniform"), _RANDOM),
    **dict.fromkeys(("monotonically_increasing_id", "spark_partition_id"), _PLACE),
    **dict.fromkeys(("current_user", "session_user", "user", "current_timezone"), _SESSION),
}
"""Function → why not, and what instead."""

_WITHOUT_BRACKETS = set("current_timestamp current_date current_time localtimestamp current_user session_user".split())
_AGGREGATES = set("every some mean std try_sum try_avg histogram_numeric count_min_sketch hll_sketch_agg".split())
"""Those that sqlglot does not know as such."""

_PATTERN_FUNCTIONS = {"rlike", "regexp", "split"}
_PATTERNS = (
    (r"\\[wW]", "\\w means other letters on each engine; write the class out, such as [A-Za-z0-9_]"),
    (r"\(\?(=|!|<=|<!)", "Sail knows no look-ahead and no look-behind; match the whole and take a group out of it"),
    (r"\\[1-9]", "Sail knows no back-references such as \\1 in a pattern; compare groups with regexp_extract"),
)
_LOST_BACKSLASH = (
    r"(?<!\\)(\\\\)*\\[dDsSbBpP.(){}|+*?^$\[\]-]",
    "SQL drops a single backslash, so that \\d is only d and \\. any character; write two, or [0-9] and [.]",
)


class Problem(NamedTuple):
    """What is wrong with an expression, and what is allowed."""

    text: str
    allowed: str | None = None


def row_problems(sql: str, columns: Collection[str] | None) -> list[Problem]:
    """What is wrong with an expression over one row: a rule, a derived or mapped column, a WHERE condition.

    Args:
        sql: the expression.
        columns: the names it may use; None if they are not known.
    """
    tree, problems = _parsed(sql)
    if tree is None:
        return problems
    if not isinstance(tree, exp.Condition | exp.Query):
        return [*problems, Problem("must be one expression, without a comma, a name (AS) or a statement around it")]
    only = "is not allowed here, only the columns of the row; write a query under unified"
    if tree.find(exp.Query):
        return [*problems, Problem(f"a subquery {only}")]
    if tree.find(exp.Window):
        problems.append(Problem(f"a window function {only}"))
    elif aggregate := _aggregate(tree):
        problems.append(Problem(f"the aggregate or row-making function {aggregate} {only}"))
    for table, name in dict.fromkeys((c.table, c.name) for c in tree.find_all(exp.Column, bfs=False)):
        if table:
            problems.append(Problem(f"the column is written {table}.{name}; leave out {table}."))
        elif columns is not None and name.lower() not in columns:
            problems.append(Problem(no_such("column", name, columns), ", ".join(columns)))
    return problems


def query_problems(
    sql: str, tables: Mapping[str, Collection[str] | None]
) -> tuple[list[Problem], tuple[str, ...] | None]:
    """What is wrong with a query over a source's tables, and the names of the columns it gives.

    Args:
        sql: one SELECT, which may have CTEs, joins, aggregates and windows.
        tables: the tables it may use, with their columns; None for the columns of one that are not known.

    Returns:
        The problems, and the output columns; None if they cannot be told.
    """
    tree, problems = _parsed(sql)
    if tree is None:
        return problems, None
    if not isinstance(tree, exp.Query):
        return [*problems, Problem("must be a SELECT")], None
    problems += [Problem(f"{what} is not allowed: {why}") for what, why in _unequal(tree)]
    try:
        for scope in traverse_scope(tree):
            problems += _scope_problems(scope, tables)
    except OptimizeError as error:  # such as: Alias already used: o
        return [*problems, Problem(f"not valid SQL: {error}")], None
    named = _names(tree)
    if "*" in named:
        return [*problems, Problem("SELECT * hides which columns it gives; name them")], None
    if "" in named:
        problems.append(Problem("every column needs a name; write AS name after the expression"))
    problems += [Problem(f"two columns are named {n!r}") for n in dict.fromkeys(named) if n and named.count(n) > 1]
    return list(dict.fromkeys(problems)), tuple(named)


def _parsed(sql: str) -> tuple[exp.Expr | None, list[Problem]]:
    """The expression or query, and what is wrong with its words whatever they form."""
    try:
        tokens = sqlglot.tokenize(sql, dialect="spark")
    except SqlglotError:
        return None, [Problem("not valid SQL: a quote or comment opened in it is never closed")]
    problems = list(dict.fromkeys(_word_problems(sql, tokens)))
    try:
        trees = sqlglot.parse(sql, dialect="spark")
    except ParseError as error:
        return None, [*problems, Problem(f"not valid SQL: {_located(error, sql)}")]
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # sqlglot's builders of functions take for granted that the arguments are there
        return None, [*problems, Problem("not valid SQL: a function lacks an argument, or too much is nested")]
    if len(trees) != 1 or trees[0] is None:
        said = "there are several statements, separated by ;" if len(trees) > 1 else "there is nothing in it"
        return None, [*problems, Problem(f"not valid SQL: {said}")]
    if trees[0].find(exp.Placeholder, exp.Parameter):
        problems.append(Problem("parameters (?, :name, @name) are not filled here; write the value"))
    return trees[0], problems


def _located(error: ParseError, sql: str) -> str:
    """What sqlglot found, in our words and with the place."""
    found = error.errors[0]
    said, word = str(found["description"]), found["highlight"]
    if said.startswith("Required keyword"):
        said = "something is missing"
    elif "Unexpected token" in said:
        said = "unexpected"
    elif "but got" in said:
        said = said.split(" but got")[0].lower()
    line = f"line {found['line']} of it, " if "\n" in sql.strip() else ""
    return f"{said[:1].lower()}{said[1:]} at {word!r} ({line}character {found['col']})"


def _word_problems(sql: str, tokens: list[Token]) -> Iterator[Problem]:
    calls: list[str] = []  # the function around, for each open bracket
    for i, token in enumerate(tokens):
        before, after = tokens[i - 1] if i else None, tokens[i + 1] if i + 1 < len(tokens) else None
        word = token.text.lower()
        opens = after is not None and after.token_type == TokenType.L_PAREN
        if token.token_type == TokenType.L_PAREN:
            calls.append(before.text.lower() if before else "")
        elif token.token_type == TokenType.R_PAREN and calls:
            calls.pop()
        elif token.token_type in (TokenType.STRING, TokenType.RAW_STRING):
            if before and before.token_type == TokenType.STRING and before.end + 1 == token.start:
                yield Problem(
                    "a quote inside a literal is written twice (''); Sail drops it without an error; write \\'"
                )
            around = {*calls, before.text.lower() if before else ""}
            if around & _PATTERN_FUNCTIONS or any(name.startswith("regexp_") for name in around):
                yield from _pattern_problems(sql[token.start : token.end + 1], token.token_type)
        elif token.token_type != TokenType.IDENTIFIER and (opens or word in _WITHOUT_BRACKETS):
            empty = opens and i + 2 < len(tokens) and tokens[i + 2].token_type == TokenType.R_PAREN
            word = f"{word}()" if empty and f"{word}()" in REFUSED else word
            why = REFUSED.get(word)
            if word in ("datediff", "date_diff") and opens and _arguments(tokens[i + 2 :]) == 3:
                word, why = f"{word} with a unit", REFUSED["timestampdiff"]
            if why:
                yield Problem(f"{word} is not allowed: {why}")


def _pattern_problems(literal: str, kind: TokenType) -> Iterator[Problem]:
    for pattern, why in _PATTERNS if kind == TokenType.RAW_STRING else (*_PATTERNS, _LOST_BACKSLASH):
        if re.search(pattern, literal):
            yield Problem(f"the pattern {literal} is not allowed: {why}")


def _arguments(tokens: list[Token]) -> int:
    """How many arguments there are up to the bracket that closes the call."""
    depth, count = 0, 1
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth < 0:
            break
        count += depth == 0 and token.token_type == TokenType.COMMA
    return count


def _aggregate(tree: exp.Expr) -> str | None:
    """An aggregate, window or row-making function in it."""
    found = tree.find(exp.AggFunc, exp.RowNumber, exp.Explode, exp.Posexplode, exp.Inline, exp.Stack)
    if found:
        return str(found.sql(dialect="spark"))
    return next((a.sql(dialect="spark") for a in tree.find_all(exp.Anonymous) if a.name.lower() in _AGGREGATES), None)


def _unequal(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    """What of a query's syntax the engines do not share: (what, why not and what instead)."""
    frames = [spec for spec in tree.find_all(exp.WindowSpec) if str(spec.args.get("kind")).upper() == "RANGE"]
    if any(frame.find(exp.Interval) for frame in frames):
        yield "RANGE BETWEEN INTERVAL", "Sail sums the wrong rows without an error; number the days and use integers"
    if tree.find(exp.Qualify):
        yield "QUALIFY", "Sail does not know it; filter in a query around it"
    if tree.find(exp.TableSample):
        yield "TABLESAMPLE", "it picks other rows each time; filter by a hash of the key"
    if tree.find(exp.Pivot):
        yield "PIVOT", "Sail does not know it; use sum(CASE WHEN … THEN … END)"
    if any(clause.args.get("recursive") for clause in tree.find_all(exp.With)):
        yield "WITH RECURSIVE", "Sail does not know it"


def _scope_problems(scope: Scope, tables: Mapping[str, Collection[str] | None]) -> Iterator[Problem]:
    """Of one SELECT in a query: tables that are not there, and columns that its tables do not have."""
    for _, source in scope.selected_sources.values():
        if not isinstance(source, exp.Table):
            continue
        if source.db or not isinstance(source.this, exp.Identifier):
            yield Problem(f"the table is written {source.sql(dialect='spark')}; write the name of one of the source's")
        elif source.name.lower() not in tables:
            yield Problem(no_such("table", source.name, tables), ", ".join(tables))
    visible = _visible(scope, tables)
    selected = scope.expression.selects if isinstance(scope.expression, exp.Query) else []
    aliases = {column.alias.lower() for column in selected if isinstance(column, exp.Alias)}
    known = [columns for columns in visible.values() if columns is not None]
    for column in scope.columns:
        if column.find_ancestor(exp.Select) is not scope.expression:
            continue  # a subquery's own, which comes with its own scope
        name = column.name.lower()
        if column.table:
            own = visible.get(column.table.lower(), ())
            if own is not None and name not in own:
                if column.table.lower() in visible:
                    yield Problem(no_such("column", f"{column.table}.{column.name}", own), ", ".join(own))
                else:
                    yield Problem(no_such("table or alias", column.table, visible), ", ".join(visible))
        elif len(known) == len(visible) and name not in aliases and not any(name in columns for columns in known):
            every = dict.fromkeys(name for columns in known for name in columns)
            yield Problem(no_such("column", column.name, every), ", ".join(every))


def _names(query: exp.Expr) -> list[str]:
    """What a query calls its columns; empty for one without a name, `*` for all of a table."""
    selected = query.selects if isinstance(query, exp.Query) else []
    return ["*" if column.is_star else column.alias_or_name.lower() for column in selected]


def _visible(scope: Scope, tables: Mapping[str, Collection[str] | None]) -> dict[str, Collection[str] | None]:
    """Alias → columns of all that a SELECT can see, its own FROM and those around it; None: not known."""
    seen = _visible(scope.parent, tables) if scope.parent and scope.is_correlated_subquery else {}
    for alias, (_, source) in scope.selected_sources.items():
        columns: Collection[str] | None = None
        if isinstance(source, exp.Table):
            columns = tables.get(source.name.lower())
        elif isinstance(source.expression, exp.Query):
            names = _names(source.expression)
            columns = None if "*" in names else names
        seen[alias.lower()] = columns
    return seen
