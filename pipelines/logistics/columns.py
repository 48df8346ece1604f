"""Columns that several tables of the carrier have alike."""

from pipelines.contract import Column
from pipelines.words import words

DEPOT = Column(
    "depot_id", required=True, references="logistics.depots.depot_id", label=words("Depot", "仓库")
)
LATITUDE = Column(
    "latitude", "number", required=True, minimum=-90, maximum=90, unit="deg", label=words("Latitude", "纬度")
)
LONGITUDE = Column(
    "longitude",
    "number",
    required=True,
    minimum=-180,
    maximum=180,
    unit="deg",
    label=words("Longitude", "经度"),
)
