"""One plot: what a run costs the server, by scenario and approach."""

from pathlib import Path

from benchmarks.crypto_events.bench import Results

_SCENARIOS = ("first load", "unchanged", "1 % changed")
_WHO = ("ours", "common approach", "limit")


def draw(results: Results, path: Path) -> Path:
    """Draw each scenario's steps as stacked bars, and return the file."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(_SCENARIOS), figsize=(14, 6), sharey=True)
    for axis, scenario in zip(axes, _SCENARIOS, strict=True):
        for who in _WHO:
            below = 0.0
            prefix = f"{who}/{scenario}/"
            names = [name for name in results.samples.by_name if name.startswith(prefix)]
            for name in names:
                seconds = results.samples.cost(name).cpu
                axis.bar(who, seconds, bottom=below, edgecolor="white")
                axis.annotate(
                    name.removeprefix(prefix),
                    (who, below + seconds / 2),
                    ha="center",
                    va="center",
                    fontsize=7,
                )
                below += seconds
        axis.set_title(scenario)
    axes[0].set_ylabel("CPU seconds of the server")
    figure.suptitle(
        f"Crypto events: {results.size.rows:,} rows in the window, "
        f"{results.size.history:,} older ones"
    )
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path
