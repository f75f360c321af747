"""How the figures of these notebooks look: one palette that colour-blind people can tell apart, light frames, small files."""

import matplotlib.dates
import matplotlib.pyplot as plt
import numpy as np

#: Okabe and Ito's palette.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#777777",
)  # fmt: skip

plt.rcParams.update(
    {
        "figure.dpi": 80,
        "figure.constrained_layout.use": True,
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "legend.frameon": False,
        "image.cmap": "viridis",
    }
)


def clock(axis, label="time (UTC)"):
    """Hours and minutes along the x axis."""
    axis.xaxis.set_major_formatter(matplotlib.dates.DateFormatter("%H:%M"))
    axis.set_xlabel(label)


def shown(values, valid):
    """Values with nothing where the book could not be used, so that no line is drawn across."""
    return np.where(valid, values, np.nan)
