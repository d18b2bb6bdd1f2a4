-- The plain tables of the bare order.
CREATE SCHEMA bare;
CREATE TABLE bare.stock (ref text PRIMARY KEY, price bigint NOT NULL, stock bigint NOT NULL CHECK (stock >= 0));
CREATE TABLE bare.orders (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), total bigint NOT NULL);
CREATE TABLE bare.lines (id uuid PRIMARY KEY, order_id uuid NOT NULL, ref text NOT NULL, price bigint NOT NULL);
CREATE TABLE bare.postings (
    id bigserial PRIMARY KEY, order_id uuid NOT NULL, account text NOT NULL, amount bigint NOT NULL
);
CREATE TABLE bare.balances (account text PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE bare.audit (stream text, no bigint, body text NOT NULL, hash bytea NOT NULL, PRIMARY KEY (stream, no));
CREATE TABLE bare.inbox (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), event_id text NOT NULL UNIQUE, kind text NOT NULL,
    object_id text NOT NULL
);
INSERT INTO bare.stock SELECT ref, price_minor, stock FROM listings;
GRANT USAGE ON SCHEMA bare TO daigou_app;
GRANT ALL ON ALL TABLES IN SCHEMA bare TO daigou_app;
GRANT ALL ON ALL SEQUENCES IN SCHEMA bare TO daigou_app;
