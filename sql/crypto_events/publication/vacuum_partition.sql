VACUUM (ANALYZE {analyze}) {partition}
