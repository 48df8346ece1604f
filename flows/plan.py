"""The flow `plan`: tomorrow's routes of every depot, the demand to expect, and what to order."""

from datetime import date
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import progress
from flows.runs import recorded
from flows.steps import all_done, settings_for
from flows.worklist import days_to_plan, has_stock
from pipelines.settings import Settings


@task(name="routes", task_run_name="routes of {depot}", cache_policy=NO_CACHE)
def routes(settings: Settings, depot: str, day: date) -> str:
    """Plans one depot's day and stores the plan; gives its id."""
    from analytics.routing.plan import plan_day

    made = plan_day(settings, depot, day)
    plan = made.plans.row(0, named=True)
    progress(
        f"  {depot}, {day}: {plan['stops']} stops on {plan['vehicles']} vehicles, "
        f"{plan['distance_km']:.0f} km, {plan['unserved']} not served"
    )
    return str(plan["plan_id"])


@task(name="demand", cache_policy=NO_CACHE)
def demand(settings: Settings) -> int:
    """Forecasts the demand for every article and depot; gives the number of series."""
    from analytics.forecasting.demand import forecast_demand

    made = forecast_demand(settings)
    series = made.select("sku", "depot_id").n_unique()
    progress(f"  demand: {series} series forecast")
    return series


@task(name="orders", cache_policy=NO_CACHE)
def orders(settings: Settings) -> int:
    """Proposes what to order today; gives the number of orders."""
    from analytics.forecasting.proposals import propose

    proposed = int((propose(settings)["quantity"] > 0).sum())
    progress(f"  orders: {proposed} proposed")
    return proposed


@flow(name="plan")
def plan(config: str = "") -> None:
    """Plans the next day's routes for every depot, forecasts demand and proposes orders.

    Where no stops or no stock are kept there is nothing to plan. A depot that fails does not keep the others.
    """
    settings = settings_for(config)
    with recorded(settings, "plan"):
        days, stock = days_to_plan(settings), has_stock(settings)
        if days or stock:
            progress("Planning …")
        states: dict[str, Any] = {
            depot: routes(settings, depot, day, return_state=True) for depot, day in days.items()
        }
        if stock:
            states["demand"] = demand(settings, return_state=True)
            states["orders"] = orders(settings, return_state=True)
        all_done(settings, "plan", states)
