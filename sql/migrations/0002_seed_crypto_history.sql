-- The twelve history rows of data/crypto_history_seed.csv (a test keeps them equal).
INSERT INTO raw.bt_crypto_transaction_history (
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number
) VALUES
    ('ARGENTINA', '100000', '1/1/2023', 'BTC', '20000', '2', 'crypto_history_seed.csv', 1),
    ('ARGENTINA', '100012', '1/1/2023', 'BTC', '20010', '1.4', 'crypto_history_seed.csv', 2),
    ('BRASIL', '200234', '1/1/2023', 'BTC', '20200', '0.5', 'crypto_history_seed.csv', 3),
    ('BRASIL', '200234', '1/2/2023', 'ETH', '1200', '1.3', 'crypto_history_seed.csv', 4),
    ('ARGENTINA', '105013', '2/1/2023', 'USDC', '1', '4000', 'crypto_history_seed.csv', 5),
    ('ARGENTINA', '116821', '2/1/2023', 'ETH', '1350', '0.5', 'crypto_history_seed.csv', 6),
    ('ARGENTINA', '143159', '2/1/2023', 'BTC', '19983', '5', 'crypto_history_seed.csv', 7),
    ('ARGENTINA', '132169', '2/1/2023', 'ETH', '1246', '1.2', 'crypto_history_seed.csv', 8),
    ('MEXICO', '315951', '3/1/2023', 'BTC', '20200', '0.5', 'crypto_history_seed.csv', 9),
    ('MEXICO', '356479', '14/1/2023', 'ETH', '1200', '1.3', 'crypto_history_seed.csv', 10),
    ('BRASIL', '200234', '1/1/2023', 'USDC', '1', '5500', 'crypto_history_seed.csv', 11),
    ('BRASIL', '200234', '1/2/2023', 'ETH', '1200', '1.3', 'crypto_history_seed.csv', 12);
