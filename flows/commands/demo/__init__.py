"""`kpi demo`: both deliverables on real components."""
