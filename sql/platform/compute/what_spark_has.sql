-- Functions that the feature queries need and Spark already has.
CREATE MACRO unix_date(day) AS date_diff('day', DATE '1970-01-01', day);
CREATE MACRO shiftleft(number, bits) AS number << bits;
