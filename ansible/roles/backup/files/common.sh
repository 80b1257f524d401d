# shellcheck shell=bash
# What backup and restore have in common. systemd sets the variables of /etc/kpi/backup.env and the
# folder of the release's compose.yaml.

fail() {
  echo "kpi: $*"
  exit 1
}

# A variable of the platform's own settings, without the quotes that a person may have put around it.
setting() { sed -nE "s/^$1=//p" "$PLATFORM_ENVIRONMENT_FILE" | tail -n 1 | sed -E "s/^(['\"])(.*)\1$/\2/"; }

compose() { docker compose --env-file "$PLATFORM_ENVIRONMENT_FILE" --profile '*' "$@"; }

# Statements on standard input, run in a database; rows come without decoration.
sql() {
  compose exec -T --env PGOPTIONS='--client-min-messages=warning' postgres psql --username postgres \
    --dbname "$1" --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1
}

# Whether the databases are the platform's own. Those of another server are not dumped from here: who runs
# it backs it up.
own_postgres() { [ "$(setting POSTGRES_SERVERS)" != 0 ]; }

# A machine that is busy, or a server that starts again, is asked for a minute; then the last answer
# is shown.
await_postgres() {
  local answer deadline=$((SECONDS + 60))
  until answer=$(compose exec -T postgres pg_isready --username postgres --timeout 10 2>&1); do
    if ((SECONDS >= deadline)); then
      echo "$answer"
      return 1
    fi
    sleep 2
  done
}

# Starts services, and waits until they are well. Compose gives up at once where one is ill, also of what has passed
# since its health was last asked: after a server that stood still for a moment, another minute is tried.
start_well() {
  local deadline=$((SECONDS + 60))
  until compose up --quiet-pull --detach --wait "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 5
  done
}

# The platform's own store is asked from this machine, where a service's name means nothing.
RCLONE_CONFIG_STORE_ENDPOINT=$(setting S3_ENDPOINT_URL)
if [ "$RCLONE_CONFIG_STORE_ENDPOINT" = http://minio:9000 ]; then
  RCLONE_CONFIG_STORE_ENDPOINT=http://127.0.0.1:$(setting MINIO_PORT)
fi
store_keys() {
  RCLONE_CONFIG_STORE_ACCESS_KEY_ID=$(setting "S3_${1-}ACCESS_KEY_ID")
  RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY=$(setting "S3_${1-}SECRET_ACCESS_KEY")
  # Without any, those of the machine's role.
  RCLONE_CONFIG_STORE_ENV_AUTH=$([ -n "$RCLONE_CONFIG_STORE_ACCESS_KEY_ID" ] && echo false || echo true)
}
# Those that read every bucket and write none, or the only ones of a store that is somebody else's.
store_keys BACKUP_
[ -n "$RCLONE_CONFIG_STORE_ACCESS_KEY_ID" ] || store_keys
RCLONE_CONFIG_STORE_REGION=$(setting S3_REGION)
RCLONE_CONFIG_STORE_PROVIDER=$([ -n "$RCLONE_CONFIG_STORE_ENDPOINT" ] && echo Other || echo AWS)
RCLONE_CONFIG_STORE_TYPE=s3
prefix=$(setting S3_BUCKET_PREFIX)
dumps=backup:$BACKUP_BUCKET/${BACKUP_DUMPS%/}
mirror=backup:$BACKUP_BUCKET/${BACKUP_MIRROR%/}
export dumps mirror RCLONE_CONFIG_STORE_ENDPOINT RCLONE_CONFIG_STORE_ACCESS_KEY_ID RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY \
  RCLONE_CONFIG_STORE_REGION RCLONE_CONFIG_STORE_PROVIDER RCLONE_CONFIG_STORE_TYPE RCLONE_CONFIG_STORE_ENV_AUTH

# The buckets of this platform; in a store that is shared, those with its prefix.
buckets() { rclone lsf --dirs-only --max-depth 1 store: | sed -n "s|^\\($prefix.*\\)/$|\\1|p"; }

# Whether nothing is in a bucket or folder, or it is not there.
empty() {
  local found
  if found=$(rclone lsf --max-depth 1 "$1" 2>&1); then [ -z "$found" ]; else
    grep --quiet 'not found' <<< "$found" || fail "$1 cannot be read: $found"
  fi
}

# One backup or restore at a time; what a killed one left is removed.
alone() {
  exec 9> "$BACKUP_WORK_FOLDER/lock"
  flock --nonblock 9 || fail "Another backup or restore is running: try again when it has ended."
  find "$BACKUP_WORK_FOLDER" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
}
