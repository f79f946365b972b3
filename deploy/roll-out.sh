#!/usr/bin/env bash
# Replaces the containers of services by containers of the current image, without a failed request: one after the
# other, a new one first, and the old one stopped when the new one is healthy.
#   docker compose build && deploy/roll-out.sh [service...]
# A new container that does not become healthy ends the roll-out, and the old ones keep running.
set -euo pipefail

SERVICES=(users products orders inventory payments notifications analytics)

replace() {
  local service=$1 old count
  old=$(docker compose ps -q "$service")
  count=$(wc -w <<< "$old")
  for container in $old; do
    docker compose up -d --wait --no-deps --no-build --no-recreate --scale "$service=$((count + 1))" "$service"
    # It leaves discovery, answers until the gateway has noticed, and finishes its work.
    docker stop "$container" > /dev/null
    docker rm "$container" > /dev/null
  done
}

for service in "${@:-${SERVICES[@]}}"; do
  case $service in
    gateway)
      case ${SEAM_PORT:-} in
        # There is a port for one more gateway.
        *-*) replace gateway ;;
        # It has the only published port: it drains, and the port is closed until the new one listens.
        *) docker compose up -d --wait --no-deps --no-build gateway ;;
      esac
      ;;
    *) replace "$service" ;;
  esac
done
