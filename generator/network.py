"""Regions, stations and their prices: the part of a run that does not depend on the number of clients."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.config import Run
from generator.draws import cumulative_table
from generator.prices import Prices, draw_prices
from generator.streams import stream


@dataclass(frozen=True)
class Network:
    """Stations as arrays; regions and grades are indices into the configuration's lists.

    Attributes
    ----------
    station_region : ndarray of int, shape (stations,)
        Region of each station; stations of a region are contiguous.
    station_has_cafe, station_has_wash : ndarray of bool, shape (stations,)
    region_offset : ndarray of int, shape (regions + 1,)
        Stations of region r are ``region_offset[r]:region_offset[r + 1]``.
    popularity : ndarray
        Cumulative table (see `cumulative_table`) over the stations of each region, padded to the same length.
    region_width : int
        Number of categories in a row of `popularity`.
    prices : Prices
    """

    station_region: np.ndarray
    station_has_cafe: np.ndarray
    station_has_wash: np.ndarray
    region_offset: np.ndarray
    popularity: np.ndarray
    region_width: int
    prices: Prices


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
    return Network(
        station_region=station_region,
        station_has_cafe=has_cafe,
        station_has_wash=has_wash,
        region_offset=np.concatenate([[0], np.cumsum(counts)]),
        popularity=cumulative_table(weights),
        region_width=int(counts.max()),
        prices=draw_prices(run),
    )


def stations_table(run: Run, network: Network) -> pa.Table:
    """Return the stations: station_id, region_code, label_ru, has_cafe, has_wash."""
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
    """Return the regions: region_code, label_ru."""
    regions = run.params["regions"]
    return pa.table({key: [region[key] for region in regions] for key in ("region_code", "label_ru")})
