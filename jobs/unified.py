"""The unified layer.

`spark-submit jobs/unified.py [--source S] [--as-of D] [--conf DIR] [--lake PATH] [--landing DIR]`
"""

from c360.cli import job

if __name__ == "__main__":
    job("run", "--layer", "unified")
