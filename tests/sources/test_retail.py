"""The source `retail`: what was refunded came back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.runs import Source

pytestmark = pytest.mark.slow_on_spark


def test_a_refunded_online_order_is_the_return_of_its_one_line(tmp_path: Path, spark: object) -> None:
    source = Source("retail", tmp_path, spark)  # type: ignore[arg-type]
    source.land(
        "OnlineTransactions_2025-03-01.csv",
        """\
        OrderID,CustomerID,ProductID,DateTime,PaymentMethod,Amount,Status
        1,5,7,2025-02-10 09:00:00,PayPal,10.25,Completed
        2,5,7,2025-02-11 09:00:00,PayPal,20.50,Refunded
        3,,,2025-02-12 09:00:00,,0.50,Refunded
        4,5,7,2025-02-13 09:00:00,PayPal,20.50,
        """,
    )
    source.run()
    columns = ("return_id", "order_id", "order_line_id", "customer_id", "product_id", "quantity", "refund_amount")
    assert source.unified("returns", *columns) == [
        ("online-2", "online-2", "1", "5", "7", None, "20.5000"),
        ("online-3", "online-3", "1", None, None, None, "0.5000"),
    ]
    assert source.filled("returns") == set(columns) - {"quantity"}
