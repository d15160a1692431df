"""Pump prices, margins, and our price relative to the competitors': series by region, grade and day."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.config import FUTURE_DAYS, MAX_MONTHS, Run
from generator.streams import stream

LONGEST_DAYS = MAX_MONTHS * 31 + FUTURE_DAYS


@dataclass(frozen=True)
class Prices:
    """Daily series from period_start, including the future after the history.

    Attributes
    ----------
    price_kopecks, margin_kopecks : ndarray of int, shape (regions, grades, days)
        Per litre.
    gap : ndarray of float, shape (regions, days)
        Our price relative to the competitors', minus 1.
    """

    price_kopecks: np.ndarray
    margin_kopecks: np.ndarray
    gap: np.ndarray


def draw_prices(run: Run) -> Prices:
    """Draw weekly steps around a yearly trend, common to all grades of a region so that grades keep their order.

    The price of a region is a national wave plus a regional one; the gap to competitors is a third wave.
    """
    rng = stream(run.seed, "prices")
    params = run.params["prices"]
    # Drawn at a fixed length and cut, so that prices do not depend on the number of months requested.
    weeks = LONGEST_DAYS // 7 + 2
    regions, grades = run.params["regions"], run.params["grades"]
    factor = np.array([region["price_factor"] for region in regions])
    base = np.array([grade["price_rub_per_l"] for grade in grades])
    memory = params["wave_memory"]
    country, region = (_wave(rng.standard_normal((size, weeks)), memory) for size in (1, len(regions)))
    # The waves are stationary, so a year's mean stays near the published one.
    wave = params["country_wave_sd"] * country + params["region_wave_sd"] * region
    shift = int(rng.integers(7))
    days = np.arange(run.days + FUTURE_DAYS)
    week = (days + shift) // 7
    trend = (1 + params["growth_per_year"]) ** (days / 365.25 - 0.5)
    shock = shock_by_day(run, len(days))
    level = factor[:, None] * np.exp(wave[:, week]) * trend * (1 + shock)
    margin_mean = np.array([grade["margin_rub_per_l"] for grade in grades])
    wobble = rng.normal(0, params["margin_sd_rub_per_l"], (len(regions), 1, weeks))[:, :, week]
    margin = np.maximum(margin_mean[None, :, None] + wobble, 0.2)
    gap = params["gap_sd"] * _wave(rng.standard_normal((len(regions), weeks)), params["gap_memory"])[:, week]
    follow = run.params["knobs"]["price_shock"]["competitors_follow"]
    return Prices(
        price_kopecks=np.rint(level[:, None, :] * base[None, :, None] * 100).astype(np.int32),
        margin_kopecks=np.rint(margin * 100).astype(np.int32),
        gap=gap + (1 - follow) * shock,
    )


def shock_by_day(run: Run, days: int) -> np.ndarray:
    """Relative price jump on each day from the knob ``price_shock``, shape (days,)."""
    shock = run.params["knobs"]["price_shock"]
    month = np.datetime64(run.period_start, "M") + shock["month"] - 1
    first = (month.astype("datetime64[D]") - run.start64).astype(int)
    return np.where(np.arange(days) >= first, shock["change"], 0.0)


def _wave(noise: np.ndarray, memory: float) -> np.ndarray:
    """Turn white noise into first-order autoregressive series of sd 1; shapes (series, weeks)."""
    wave = np.empty_like(noise)
    wave[:, 0] = noise[:, 0]
    for week in range(1, noise.shape[1]):
        wave[:, week] = memory * wave[:, week - 1] + np.sqrt(1 - memory**2) * noise[:, week]
    return wave


def prices_table(run: Run, prices: Prices) -> pa.Table:
    """Return prices of the history: region_code, fuel_grade, price_on, price_kopecks_per_l, margin_kopecks_per_l."""
    regions, grades, days = len(run.params["regions"]), len(run.params["grades"]), run.days
    region, grade, day = (axis.ravel() for axis in np.indices((regions, grades, days)))
    region_codes = pa.array([item["region_code"] for item in run.params["regions"]])
    return pa.table(
        {
            "region_code": region_codes.take(pa.array(region)),
            "fuel_grade": pa.array(run.grade_codes).take(pa.array(grade)),
            "price_on": pa.array(run.start64 + day),
            "price_kopecks_per_l": prices.price_kopecks[:, :, :days].ravel(),
            "margin_kopecks_per_l": prices.margin_kopecks[:, :, :days].ravel(),
        }
    )
