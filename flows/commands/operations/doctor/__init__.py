"""`kpi doctor`: one file of checks for each subject."""
