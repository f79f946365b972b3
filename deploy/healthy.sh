#!/usr/bin/env bash
# The health check: whether the service in this container should get requests. By bash's own sockets, because
# starting Node for each check would cost more than the idle service.
exec 3<> "/dev/tcp/127.0.0.1/${PORT:-3000}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3
read -r -t 4 -u 3 _ status _ && [ "$status" = 200 ]
