"""`kpi contract`: contracts, producers, and files that are to fit them."""
