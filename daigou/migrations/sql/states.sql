-- A state may not change without its audit entry: the entry's number in the row's stream moves in the same UPDATE.
CREATE FUNCTION state_through_the_door() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state AND NEW.stream_no <= OLD.stream_no THEN
        RAISE EXCEPTION '% % changed state without an audit entry', TG_TABLE_NAME, OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Every table with a state and a stream gets the trigger, present and future (grants.sql runs after each migration).
