-- The ledger's invariants, where no program can forget them.

-- Postings arrive a whole transaction in one statement: it must sum to zero in every currency, stand on accounts of that
-- currency, and moves the running balances. SECURITY DEFINER: the application's role can't write balances itself.
-- It stands for two foreign keys as well: these would look at each posting by itself, which costs more than to write it.
-- It is as good, because accounts and transactions never go and never change (append_only, below).
CREATE FUNCTION ledger_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE least bigint;
BEGIN
    IF EXISTS (SELECT FROM posted GROUP BY transaction_id, currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'ledger: postings do not sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM posted p LEFT JOIN ledger_accounts a ON a.id = p.account_id
               WHERE a.currency IS DISTINCT FROM p.currency) THEN
        RAISE EXCEPTION 'ledger: posting in another currency than its account, or on none' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM posted p WHERE NOT EXISTS (SELECT FROM ledger_transactions t WHERE t.id = p.transaction_id)) THEN
        RAISE EXCEPTION 'ledger: posting without a transaction' USING ERRCODE = 'check_violation';
    END IF;
    -- One order of locks for everybody. Free accounts (clearing, fees) are busy: spread over 16 rows.
    -- The guard is checked on the outcome, not by a CHECK: ON CONFLICT would try that on the amount alone.
    WITH moved AS (
        INSERT INTO ledger_balances AS b (account_id, slot, guard, balance)
        SELECT a.id, CASE WHEN a.guard = 0 THEN pg_backend_pid() % 16 ELSE 0 END, a.guard, sum(p.amount)
        FROM posted p JOIN ledger_accounts a ON a.id = p.account_id
        GROUP BY a.id, a.guard ORDER BY a.id
        ON CONFLICT (account_id, slot) DO UPDATE SET balance = b.balance + excluded.balance
        RETURNING b.guard * b.balance AS worth
    )
    SELECT min(worth) INTO least FROM moved;
    IF least < 0 THEN
        RAISE EXCEPTION 'ledger: a guarded account would be overdrawn' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_post AFTER INSERT ON ledger_postings
    REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION ledger_post();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
