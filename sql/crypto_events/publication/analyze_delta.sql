ANALYZE delta (operation)
