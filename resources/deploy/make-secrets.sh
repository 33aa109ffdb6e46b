#!/bin/sh
# Makes the secrets of compose.yaml, once, in the folder secrets beside it. Nobody but you can enter the folder; the files
# in it can be read by the users of the containers they are mounted in.
set -eu
folder="$(dirname "$0")/secrets"
if [ -e "$folder" ]; then
  echo "$folder is there already: what is encrypted with its key could not be read with a new one. Nothing was changed." >&2
  exit 1
fi
umask 077
making="$folder.making.$$"
mkdir "$making"
trap 'rm -rf "$making"' EXIT

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
postgres=$(random)
redis=$(random)
key=$(random)

printf '%s' "$postgres" >"$making/postgres_password"
printf '%s' "$redis" >"$making/redis_password"
printf 'requirepass %s\nappendonly yes\nmaxmemory-policy noeviction\ndir /data\n' "$redis" >"$making/redis.conf"
cat >"$making/archon.json" <<JSON
{
  "database.url": "postgres://archon:$postgres@postgres:5432/archon",
  "redis.url": "redis://:$redis@redis:6379/0",
  "secret_key": "$key"
}
JSON
chmod 0644 "$making"/*
mv "$making" "$folder"
trap - EXIT
echo "Written to $folder. Keep a copy of archon.json in a safe place: without its secret_key nobody can read secrets in the database."
