"""Regions, stations and pump prices: what is there before any client. Does not depend on the number of clients."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.config import FUTURE_DAYS, MAX_MONTHS, Run
from generator.draws import cumulative_table
from generator.streams import stream


@dataclass(frozen=True)
class Network:
    """Stations and prices as arrays; regions and grades are indices into the configuration's lists.

    Attributes
    ----------
    station_region : ndarray of int, shape (stations,)
        Region of a station; stations of a region stand together.
    station_has_cafe, station_has_wash : ndarray of bool, shape (stations,)
    region_offset : ndarray of int, shape (regions + 1,)
        Stations of region r are ``region_offset[r]:region_offset[r + 1]``.
    popularity : ndarray
        Cumulative table (see `cumulative_table`) over the padded stations of each region.
    region_width : int
        Categories of a row of `popularity`.
    price_kopecks, margin_kopecks : ndarray of int, shape (regions, grades, days)
        Per litre; days from period_start, the experiments' horizon included.
    """

    station_region: np.ndarray
    station_has_cafe: np.ndarray
    station_has_wash: np.ndarray
    region_offset: np.ndarray
    popularity: np.ndarray
    region_width: int
    price_kopecks: np.ndarray
    margin_kopecks: np.ndarray


def build_network(run: Run) -> Network:
    """Draw the network of a run."""
    regions = run.params["regions"]
    counts = np.array([region["stations_count"] for region in regions])
    station_region = np.repeat(np.arange(len(regions)), counts)
    rng = stream(run.seed, "stations")
    has_cafe = rng.random(len(station_region)) < run.params["stations"]["cafe_share"]
    has_wash = rng.random(len(station_region)) < run.params["stations"]["wash_share"]
    weights = np.zeros((len(regions), counts.max()))
    in_region = np.arange(counts.max()) < counts[:, None]
    weights[in_region] = rng.lognormal(0, 0.4, len(station_region))
    price, margin = _prices(run)
    return Network(
        station_region=station_region,
        station_has_cafe=has_cafe,
        station_has_wash=has_wash,
        region_offset=np.concatenate([[0], np.cumsum(counts)]),
        popularity=cumulative_table(weights),
        region_width=int(counts.max()),
        price_kopecks=price,
        margin_kopecks=margin,
    )


def _prices(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Draw weekly steps around a yearly trend, common to all grades of a region so that grades stay ordered."""
    rng = stream(run.seed, "prices")
    params = run.params["prices"]
    # The whole series is drawn at a fixed length and cut: prices must not depend on the number of months asked for.
    longest = MAX_MONTHS * 31 + FUTURE_DAYS
    weeks = longest // 7 + 2
    regions, grades = run.params["regions"], run.params["grades"]
    factor = np.array([region["price_factor"] for region in regions])
    base = np.array([grade["price_rub_per_l"] for grade in grades])
    steps = rng.normal(0, params["week_step_sd"], (len(regions), weeks))
    walk = np.cumsum(steps, axis=1)
    # The walk is pulled back so that a long run keeps the year's mean near the published one.
    walk -= np.linspace(0, 1, weeks) * walk[:, -1:]
    shift = int(rng.integers(7))
    week_of_day = (np.arange(longest) + shift) // 7
    trend = (1 + params["growth_per_year"]) ** (np.arange(longest) / 365.25 - 0.5)
    level = factor[:, None] * np.exp(walk[:, week_of_day]) * trend
    days = run.days + FUTURE_DAYS
    price = np.rint(level[:, None, :days] * base[None, :, None] * 100).astype(np.int32)
    margin_mean = np.array([grade["margin_rub_per_l"] for grade in grades])
    wobble = rng.normal(0, params["margin_sd_rub_per_l"], (len(regions), 1, weeks))[:, :, week_of_day[:days]]
    margin = np.maximum(margin_mean[None, :, None] + wobble, 0.2)
    return price, np.rint(margin * 100).astype(np.int32)


def stations_table(run: Run, network: Network) -> pa.Table:
    """List the stations: station_id, region_code, label_ru, has_cafe, has_wash."""
    regions = run.params["regions"]
    numbers = np.arange(len(network.station_region)) - network.region_offset[network.station_region] + 1
    return pa.table(
        {
            "station_id": pa.array(np.arange(1, len(numbers) + 1), pa.int64()),
            "region_code": [regions[region]["region_code"] for region in network.station_region],
            "label_ru": [
                f"{regions[region]['label_ru']}, АЗС № {number}"
                for region, number in zip(network.station_region, numbers, strict=True)
            ],
            "has_cafe": network.station_has_cafe,
            "has_wash": network.station_has_wash,
        }
    )


def regions_table(run: Run) -> pa.Table:
    """List the regions: region_code, label_ru."""
    regions = run.params["regions"]
    return pa.table({key: [region[key] for region in regions] for key in ("region_code", "label_ru")})


def prices_table(run: Run, network: Network) -> pa.Table:
    """List prices of the history: region_code, fuel_grade, price_on, price_kopecks_per_l, margin_kopecks_per_l."""
    regions, grades, days = len(run.params["regions"]), len(run.params["grades"]), run.days
    region, grade, day = (axis.ravel() for axis in np.indices((regions, grades, days)))
    region_codes = pa.array([item["region_code"] for item in run.params["regions"]])
    return pa.table(
        {
            "region_code": region_codes.take(pa.array(region)),
            "fuel_grade": pa.array(run.grade_codes).take(pa.array(grade)),
            "price_on": pa.array(run.start64 + day),
            "price_kopecks_per_l": network.price_kopecks[:, :, :days].ravel(),
            "margin_kopecks_per_l": network.margin_kopecks[:, :, :days].ravel(),
        }
    )
