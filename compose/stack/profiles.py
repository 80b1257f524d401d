"""Which parts of the platform a profile starts, and what each part needs of the machine."""

from compose.stack.speech import Refusal

CORE = "core"
FULL = "full"
OPTIONAL = ("spark", "airflow", "tools")

PORTS = {
    CORE: (
        "POSTGRES_PORT",
        "MINIO_PORT",
        "MINIO_CONSOLE_PORT",
        "PREFECT_PORT",
        "MLFLOW_PORT",
        "STREAMLIT_PORT",
        "METRICS_PORT",
    ),
    "spark": ("SPARK_UI_PORT",),
    "airflow": ("AIRFLOW_PORT",),
    "tools": ("JUPYTER_PORT", "PGADMIN_PORT"),
}
MEMORY_GIB = {CORE: 6.0, "spark": 2.0, "airflow": 4.25, "tools": 2.25}


def profiles(text: str) -> tuple[str, ...]:
    """The profiles that a comma-separated list names; `core` and nothing are the same.

    Refuses a name that is none.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in ("", CORE, FULL, *OPTIONAL):
            raise Refusal(
                f"There is no profile {name}: choose among {CORE}, {', '.join(OPTIONAL)}, {FULL}."
            )
    return tuple(dict.fromkeys(name for name in names if name not in ("", CORE)))


def parts(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The parts that run with these profiles, the core first."""
    return (CORE, *(part for part in OPTIONAL if part in chosen or FULL in chosen))
