"""Figures that were drawn already: the same chart in the same look is drawn once, for everybody who sees it.

Laying out a figure costs Plotly tens of milliseconds of Python, which all sessions of a server share.
"""

import hashlib
import pickle
from collections import OrderedDict
from threading import Lock

import plotly.graph_objects as go

from dashboards.charts.chart import Chart
from dashboards.charts.screen import draw

_MOST = 300
_kept: OrderedDict[str, go.Figure] = OrderedDict()
_guard = Lock()


def drawn(chart: Chart, language: str, *, dark: bool = False, tiles: str = "") -> go.Figure:
    """The figure that `draw` makes of `chart`. It is shared: nobody may change it."""
    # Only ever written, to have one text for all that a chart holds.
    key = hashlib.sha256(pickle.dumps((chart, language, dark, tiles))).hexdigest()
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    figure = draw(chart, language, dark=dark, tiles=tiles)
    with _guard:
        _kept[key] = figure
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return figure
