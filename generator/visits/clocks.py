"""Driving clocks: how far each vehicle has driven by each day of the calendar, and the inverse."""

from dataclasses import dataclass

import numpy as np

from generator.config import FUTURE_DAYS, Run
from generator.people.clients import People
from generator.people.life import YEAR_DAYS
from generator.prices import shock_by_day
from generator.streams import stream


@dataclass(frozen=True)
class Clocks:
    """Cumulative driving of a block's vehicles over a calendar of `days` days.

    A vehicle follows the curve of its profile, stops during lulls, and drives more or less after its owner's change of
    behaviour. The unit is one average day before the change.

    Attributes
    ----------
    curves : ndarray of float, shape (profiles, days + 1)
        Cumulative driving at the start of each day, without lulls.
    profile : ndarray of int, shape (vehicles,)
        Curve of each vehicle.
    start, activity, driven : ndarray of float, shape (vehicles, segments)
        For each segment of constant activity: start on the curve, activity, and the vehicle's driving before it.
    total : ndarray of float, shape (vehicles,)
        Driving by the end of the calendar.
    """

    curves: np.ndarray
    profile: np.ndarray
    start: np.ndarray
    activity: np.ndarray
    driven: np.ndarray
    total: np.ndarray

    def day_of(self, vehicle: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """Day by which each vehicle has driven `driven`; shapes (n,). Valid within the calendar only."""
        segments = self.driven.shape[1]
        flat = vehicle * segments
        segment = np.zeros(len(vehicle), dtype=np.int64)
        for i in range(1, segments):
            segment += driven >= self.driven.ravel()[flat + i]
        flat += segment
        position = self.start.ravel()[flat] + (driven - self.driven.ravel()[flat]) / self.activity.ravel()[flat]
        # Stack the curves end to end, so that one interpolation serves all of them.
        days = self.curves.shape[1]
        lift = (self.curves[:, -1].max() + 1) * np.arange(len(self.curves))
        heights = (self.curves + lift[:, None]).ravel()
        profile = self.profile[vehicle]
        return np.interp(position + lift[profile], heights, np.arange(len(heights))) - profile * days


def build_clocks(run: Run, people: People, block: int, days: int) -> Clocks:
    """Build the clocks of a block for `days` days from period_start; a longer calendar extends a shorter one."""
    curves, profile = _curves(run, people, days)
    point, activity = _activity(run, people, block)
    # Position of each change of activity on the curve; changes after the end of the calendar are moved to its end.
    day = np.minimum(point, days)
    whole = np.minimum(day.astype(np.int64), days - 1)
    left, right = (curves[profile[:, None], whole + step] for step in (0, 1))
    start = left + (day - whole) * (right - left)
    ends = np.column_stack([start[:, 1:], curves[profile, -1]])
    driving = activity * (ends - start)
    before = np.cumsum(driving, axis=1) - driving
    # After a segment without driving the next one starts at the same value: `day_of` takes the last of equal ones.
    return Clocks(curves, profile, start, np.maximum(activity, 1e-9), before, before[:, -1] + driving[:, -1])


def driving_index(run: Run, week_profile: str, season: str, days: int) -> np.ndarray:
    """Driving on each day relative to an average day: weekday × month × price shock; shape (days,)."""
    calendar, knobs = run.params["calendar"], run.params["knobs"]
    dates = run.start64 + np.arange(days)
    weekday = (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    season_index = 1 + knobs["season_strength"] * (np.array(calendar["month"][season]) - 1)
    shock = (1 + shock_by_day(run, days)) ** run.params["price_reaction"]["driving_elasticity"]
    return np.array(calendar["weekday"][week_profile])[weekday] * np.maximum(season_index, 0.05)[month] * shock


def _curves(run: Run, people: People, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative driving by week profile × season, and the curve index of each vehicle."""
    weeks, seasons = (sorted(run.params["calendar"][name]) for name in ("weekday", "month"))
    index = np.array([driving_index(run, week, season, days) for week in weeks for season in seasons])
    curves = np.concatenate([np.zeros((len(index), 1)), np.cumsum(index, axis=1)], axis=1)
    owner = people.vehicles.owner
    week_of_kind = np.array([weeks.index(kind["week_profile"]) for kind in run.kinds])
    season_of_region = np.array([seasons.index(region["season"]) for region in run.params["regions"]])
    return curves, week_of_kind[people.life.first_kind[owner]] * len(seasons) + season_of_region[people.region[owner]]


def _activity(run: Run, people: People, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Days on which each vehicle's activity changes, and the activity from then on; shapes (vehicles, segments)."""
    rng = stream(run.seed, "lulls", block)
    params = run.params["life_cycle"]
    size = len(people.vehicles.owner)
    # At most one lull a year, drawn for the whole future so that it does not depend on the length requested.
    years = -(-(run.days + FUTURE_DAYS) // YEAR_DAYS)
    shortest, longest = params["lull_days"]
    length = rng.integers(shortest, longest + 1, (size, years))
    begin = YEAR_DAYS * (np.arange(years) + rng.random((size, years)))
    has_lull = rng.random((size, years)) < params["lulls_per_year"]
    begin = np.where(has_lull, begin, np.inf)
    end = begin + length
    life, owner = people.life, people.vehicles.owner
    usual = np.array([kind["use_l_per_day"][0] for kind in run.kinds])
    change, ratio = life.change_day[owner], (usual[life.kind] / usual[life.first_kind])[owner]
    point = np.sort(np.column_stack([np.zeros(size), begin, end, change]), axis=1)
    in_lull = ((point[:, :, None] >= begin[:, None, :]) & (point[:, :, None] < end[:, None, :])).any(axis=2)
    return point, np.where(in_lull, 0.0, np.where(point >= change[:, None], ratio[:, None], 1.0))
