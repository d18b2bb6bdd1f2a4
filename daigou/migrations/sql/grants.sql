-- Run after every migration, under the owner's role. The application owns nothing.
GRANT USAGE ON SCHEMA public TO daigou_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO daigou_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO daigou_app;
REVOKE UPDATE, DELETE ON ledger_accounts, ledger_transactions, ledger_postings, audit_entries, audit_leaves, audit_nodes,
    audit_checkpoints, audit_keys, audit_timestamps, invoices FROM daigou_app;
REVOKE INSERT, UPDATE, DELETE ON ledger_balances FROM daigou_app;

DO $$
DECLARE t text;
BEGIN
    FOR t IN
        SELECT c.table_name FROM information_schema.columns c
        WHERE c.table_schema = 'public' AND c.column_name = 'stream_no'
          AND EXISTS (SELECT FROM information_schema.columns s WHERE s.table_schema = 'public'
                      AND s.table_name = c.table_name AND s.column_name = 'state')
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER state_through_the_door BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION state_through_the_door()', t);
    END LOOP;
END $$;
