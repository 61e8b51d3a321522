#!/bin/sh
# The two roles of a casebook on a new PostgreSQL server: one owns the tables and migrates them, one adds rows and reads them.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v service="$SERVICE_PASSWORD" -U "$POSTGRES_USER" -d postgres <<'SQL'
CREATE ROLE casebook_owner LOGIN PASSWORD :'owner';
CREATE ROLE casebook_service LOGIN PASSWORD :'service';
CREATE DATABASE casebook OWNER casebook_owner;
REVOKE ALL ON DATABASE casebook FROM PUBLIC;
GRANT CONNECT ON DATABASE casebook TO casebook_service;
SQL
