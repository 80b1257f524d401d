"""The services of `kpi up`, and what keeps them running."""
