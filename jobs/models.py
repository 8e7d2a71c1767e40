"""The models: RFM, lifetime value, churn, affinity, next best product, forecast, and what they say of themselves.

`spark-submit jobs/models.py [--as-of D] [--conf DIR] [--lake PATH]`
"""

from c360.cli import job

MODELS = ("rfm", "clv", "churn", "affinity", "next_best_product", "forecast", "model_report")

if __name__ == "__main__":
    job("run", "--layer", "gold", *(part for model in MODELS for part in ("--only", f"gold.{model}")))
