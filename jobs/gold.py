"""The gold layer.

`spark-submit jobs/gold.py [--only TABLE] [--source S] [--as-of D] [--conf DIR] [--lake PATH]`;
`--only` can be given several times: `--only gold.rfm --only gold.clv`.
"""

from c360.cli import job

if __name__ == "__main__":
    job("run", "--layer", "gold")
