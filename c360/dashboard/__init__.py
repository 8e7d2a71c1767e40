"""What a lake says, as charts and sentences: the pages of `c360 dashboard`, and of `c360 report` in one file.

tables.py    gold tables, asked in SQL without an engine; answers are kept as long as the tables stand
slicers.py   what a reader has chosen: period, source, store, category, tier, segment
blocks.py    what a page is made of, whoever draws it
charts.py    rows → Altair charts
pages/       one module a page: questions, and what their answers say
app.py, draw.py, desk.py   drawn by Streamlit          report.py   drawn as one file of HTML
"""
