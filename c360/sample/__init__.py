"""Made-up data: what the main job runs on until somebody brings their own."""

from __future__ import annotations

CUSTOMERS = 2000
DAYS = 3
SEED = 360
