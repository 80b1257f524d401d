-- How many cells break each rule, in the order of the rules.
SELECT {counts} FROM ({source})
