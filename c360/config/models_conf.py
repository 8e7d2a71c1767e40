"""What conf/segments.yml says of the models that predict: the customers' value, and who is leaving."""

from __future__ import annotations

from pydantic import Field, model_validator

from c360.config.base import Model


class Clv(Model):
    """How customer lifetime value is estimated."""

    horizon_days: int = Field(365, ge=1, le=36_500, description="purchases and their value are expected for so long")
    discount_rate: float = Field(0.10, ge=0, description="yearly; a purchase in a year is worth 1 / (1 + rate) today")
    min_customers: int = Field(100, ge=2, description="with fewer customers nothing is fitted, and it is said so")
    min_repeat_customers: int = Field(30, ge=2, description="of these, who bought on more than one day")
    holdout_share: float = Field(0.25, gt=0, lt=1, description="last share of the period, on which the fit is tested")
    max_correlation: float = Field(
        0.3, ge=0, le=1, description="of frequency and value; beyond it, either way, the report warns"
    )
    penalty: float = Field(0.0, ge=0, description="on the sum of the squared parameters; 0 is maximum likelihood")


class Churn(Model):
    """When a customer counts as slowing, at risk or lost."""

    others_weigh: int = Field(
        2, ge=1, description="the usual gap of all others counts like so many gaps of a customer's own"
    )
    usual_gap_days: int = Field(90, ge=1, description="the usual gap where nobody has bought on a second day yet")
    slowing_after: float = Field(1.5, gt=0, description="silence, in usual gaps, up to which a customer is active")
    at_risk_after: float = Field(3.0, gt=0, description="where the rhythm alone decides: in usual gaps")
    lost_after: float = Field(6.0, gt=0, description="where the rhythm alone decides: in usual gaps")
    at_risk_below: float = Field(0.5, ge=0, le=1, description="p_alive below which a silent customer is at risk")
    lost_below: float = Field(0.2, ge=0, le=1, description="p_alive below which a silent customer is lost")

    @model_validator(mode="after")
    def _in_order(self) -> Churn:
        if not self.slowing_after <= self.at_risk_after <= self.lost_after:
            raise ValueError(
                f"slowing_after ({self.slowing_after}), at_risk_after ({self.at_risk_after}) and lost_after "
                f"({self.lost_after}) must not fall"
            )
        if self.at_risk_below < self.lost_below:
            raise ValueError(
                f"lost_below ({self.lost_below}) is above at_risk_below ({self.at_risk_below}), so nobody would be at "
                "risk; write a smaller one"
            )
        return self
