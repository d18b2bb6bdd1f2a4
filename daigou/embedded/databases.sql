-- Roles, databases and extensions, for psql as a superuser; may be run again at any time.
-- The application's role owns nothing; migrations run as the owner; the keys live in a database of their own
-- that neither of them can enter. Managed PostgreSQL: give each role a password afterwards (docs/deploy.md).
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted)
FROM unnest(ARRAY['daigou_owner', 'daigou_app', 'daigou_keys']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted)
\gexec

SELECT format('CREATE DATABASE %I OWNER %I', wanted.name, wanted.owner)
FROM (VALUES ('daigou', 'daigou_owner'), ('daigou_keys', 'daigou_keys')) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = wanted.name)
\gexec

REVOKE ALL ON DATABASE daigou, daigou_keys FROM PUBLIC;
GRANT CONNECT ON DATABASE daigou TO daigou_app;
-- Nothing of ours waits for a person inside a transaction.
ALTER ROLE daigou_app SET idle_in_transaction_session_timeout = '60s';

\connect daigou
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
ALTER SCHEMA public OWNER TO daigou_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO daigou_app;

\connect daigou_keys
ALTER SCHEMA public OWNER TO daigou_keys;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
