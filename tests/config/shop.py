"""A source without a mistake, and a folder to write it to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from c360.config.load import Config, load, mistakes

SHOP = """\
source: shop
tables:
  customers:
    files: Customers*.csv
    key: customer_id
    columns:
      customer_id: int
      email: {from: Email}
  orders:
    files: Orders*.csv
    key: order_id
    columns:
      order_id: int
      customer_id: int
      amount: money
      ordered_at: timestamp
    references: {customer_id: customers}
"""
"""Two tables without a mistake, 17 lines."""


class Conf:
    """Writes files of conf/ and says what c360 thinks of them."""

    folder = Path("conf")

    def write(self, name: str, text: str) -> None:
        """Write a file, its path relative to conf/, its text without common indentation."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), "utf-8")

    def shop(self, more: str = "") -> None:
        """Write the shop, with more lines at its end."""
        self.write("sources/shop.yml", SHOP + dedent(more))

    def orders(self, more: str) -> None:
        """Write the shop, with more keys of its table orders, from line 18 on."""
        self.write("sources/shop.yml", SHOP + "".join(f"    {line}\n" for line in dedent(more).splitlines()))

    def unified(self, more: str) -> None:
        """Write the shop, with `unified:` in line 18, and what is below it."""
        self.write(
            "sources/shop.yml", SHOP + "unified:\n" + "".join(f"  {line}\n" for line in dedent(more).splitlines())
        )

    def lines(self) -> list[str]:
        """The mistakes, as they are printed."""
        return [str(mistake) for mistake in mistakes(self.folder)]

    def load(self) -> Config:
        """What was written, as models."""
        return load(self.folder)
