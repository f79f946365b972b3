#!/usr/bin/env bash
# Whether the service in this container says that it should get requests: its health check. By bash's own sockets, as
# starting a Node for each look would cost more than the service does at rest.
exec 3<> "/dev/tcp/127.0.0.1/${PORT:-3000}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3
read -r -t 4 -u 3 _ status _ && [ "$status" = 200 ]
