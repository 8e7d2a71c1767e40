"""The RFM model alone: `spark-submit jobs/rfm.py [--as-of D] [--conf DIR] [--lake PATH]`."""

from c360.cli import job

if __name__ == "__main__":
    job("run", "--layer", "gold", "--only", "gold.rfm")
