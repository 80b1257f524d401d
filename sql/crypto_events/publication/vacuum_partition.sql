VACUUM (ANALYZE) {partition}
