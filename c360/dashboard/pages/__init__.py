"""The pages, in the order of the menu. The one about a person is not among them: it is in no report."""

from c360.dashboard.pages import data, engagement, executive, fulfilment, marketing, products, sales, service, stores

PAGES = tuple(
    module.PAGE for module in (executive, products, stores, sales, service, engagement, fulfilment, marketing, data)
)
"""All pages that both the dashboard and the report have."""
