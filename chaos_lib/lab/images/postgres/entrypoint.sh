#!/bin/sh
# Start Postgres the way the upstream image is used: POSTGRES_PASSWORD (needed), POSTGRES_USER, POSTGRES_DB.
# With `initdb` as its argument it makes the empty database and ends; the image's build does that.
set -eu

PGDATA=${PGDATA:-/var/lib/postgresql/data}

initialise() {
    # Small WAL files: the data folder is copied when a container first writes to it.
    initdb --username=postgres --encoding=UTF8 --locale=C.UTF-8 --wal-segsize=1 \
        --auth-local=trust --auth-host=trust --no-sync -D "$PGDATA" >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    if [ "${POSTGRES_HOST_AUTH_METHOD:-}" = trust ]; then
        sed -i 's/^host all all all .*/host all all all trust/' "$PGDATA/pg_hba.conf"
    fi
}

quote() { printf %s "$1" | sed "s/'/''/g"; }
name() { printf %s "$1" | sed 's/"/""/g'; }

case "${1:-postgres}" in
-*) set -- postgres "$@" ;;
esac

if [ "${1:-}" = initdb ]; then
    initialise
    exit 0
fi
if [ "${1:-postgres}" != postgres ]; then
    exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chown postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

if [ ! -e "$PGDATA/opchaos-ready" ]; then
    if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
        POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    fi
    if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
        echo "POSTGRES_PASSWORD is not set: without it nobody could sign in to the new database." >&2
        exit 1
    fi
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    [ -e "$PGDATA/PG_VERSION" ] || initialise
    if [ "${POSTGRES_HOST_AUTH_METHOD:-}" = trust ]; then
        sed -i 's/^host all all all .*/host all all all trust/' "$PGDATA/pg_hba.conf"
    fi
    {
        [ "$user" = postgres ] || printf 'CREATE ROLE "%s" SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS LOGIN\n' "$(name "$user")"
        [ -z "${POSTGRES_PASSWORD:-}" ] ||
            printf "ALTER ROLE \"%s\" PASSWORD '%s'\n" "$(name "$user")" "$(quote "$POSTGRES_PASSWORD")"
        [ "$database" = postgres ] ||
            printf 'CREATE DATABASE "%s" OWNER "%s"\n' "$(name "$database")" "$(name "$user")"
    } | postgres --single -F -D "$PGDATA" postgres >/dev/null
    touch "$PGDATA/opchaos-ready"
fi

shift
# A throw-away database: durability is given up for speed.
exec postgres -D "$PGDATA" -c listen_addresses='*' -c fsync=off -c full_page_writes=off -c synchronous_commit=off "$@"
