"""The bronze layer.

`spark-submit jobs/bronze.py [--source S] [--as-of D] [--conf DIR] [--lake PATH] [--landing DIR]`
"""

from c360.cli import job

if __name__ == "__main__":
    job("run", "--layer", "bronze")
