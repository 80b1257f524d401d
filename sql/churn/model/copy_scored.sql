COPY scored (user_id, probability, active, spent_90d, segment, city, reasons) FROM STDIN (FORMAT csv)
