-- What runs lock to keep each other out. Advisory locks are open to every role that can connect; these
-- tables are closed to all but their owner. Runs on PostgreSQL 15 to 18.

CREATE SCHEMA locks;
COMMENT ON SCHEMA locks IS 'Empty tables that runs lock to keep each other out; no reader has a right here';

CREATE TABLE locks.calendar ();
CREATE TABLE locks.churn_drift_monitor ();
CREATE TABLE locks.churn_production ();
CREATE TABLE locks.churn_scoring ();
CREATE TABLE locks.churn_training ();
CREATE TABLE locks.churn_watchdog ();
CREATE TABLE locks.crypto_events ();
CREATE TABLE locks."crypto_events deliveries" ();
CREATE TABLE locks."crypto_events stage" ();

-- The mode conflicts with itself, and with no SELECT.
CREATE FUNCTION locks.try_lock(name text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('LOCK TABLE locks.%I IN SHARE ROW EXCLUSIVE MODE NOWAIT', name);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
REVOKE ALL ON FUNCTION locks.try_lock FROM PUBLIC;
