#!/bin/bash
# The part of the official image's contract that this project relies on: on an empty PGDATA, initdb with
# POSTGRES_INITDB_ARGS, the superuser POSTGRES_USER with the password in POSTGRES_PASSWORD_FILE, the database
# POSTGRES_DB, and every *.sql and *.sh in /docker-entrypoint-initdb.d. Any user id may run it.
set -Eeuo pipefail

# initdb wants its user to have a name, and `user:` in a compose file may be any number.
name_this_user() {
    getent passwd "$(id -u)" > /dev/null && return
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" > "$NSS_WRAPPER_PASSWD"
    echo "postgres:x:$(id -g):" > "$NSS_WRAPPER_GROUP"
    LD_PRELOAD=$(find /usr/lib -name libnss_wrapper.so -print -quit)
    export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

initialize() {
    : "${POSTGRES_PASSWORD_FILE:?the superuser needs a password: name the file that holds it}"
    local user=${POSTGRES_USER:-postgres}
    # The options are words of a variable, as in the official image.
    # shellcheck disable=SC2086
    initdb --username="$user" --pwfile="$POSTGRES_PASSWORD_FILE" ${POSTGRES_INITDB_ARGS:-}
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    PGPASSWORD=$(< "$POSTGRES_PASSWORD_FILE")
    export PGPASSWORD
    # Listens on the socket only: nobody meets a server that is half made.
    pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
    local psql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user")
    local database=${POSTGRES_DB:-$user}
    [ "$database" = postgres ] || "${psql[@]}" --dbname postgres --command "CREATE DATABASE \"$database\""
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sql) "${psql[@]}" --dbname "$database" --file "$file" ;;
            *.sh) bash "$file" ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
}

if [ "$1" = postgres ]; then
    if [ "$(id -u)" = 0 ]; then
        install -d -o postgres -g postgres -m 700 "$PGDATA"
        exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
    fi
    install -d -m 700 "$PGDATA"
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        name_this_user
        initialize
        unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    fi
fi
exec "$@"
