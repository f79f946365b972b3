# One image for every service: which one a container runs is its command, as docker-compose.yml says.
# The libraries are compiled with the services, by their paths in tsconfig.json: npm need not link them.

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --workspaces=false --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json ./
COPY libs libs
COPY apps apps
COPY tools tools
RUN npm run build:all

# Without optional dependencies: the only one, the embedded PostgreSQL, is for machines without a server. Without
# install scripts: the remaining native code, argon2, is prebuilt.
FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --workspaces=false --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM node:24-trixie-slim
# Without the limit, glibc keeps the memory that each hashing thread once needed: 70 MB more for users.
ENV MALLOC_ARENA_MAX=2
ENV NODE_ENV=production SEAM_DATA=/data SEAM_LOG_FORMAT=json
ENV NODE_OPTIONS="--enable-source-maps --max-semi-space-size=32"
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/all dist
COPY package.json ./
COPY deploy/healthy.sh /usr/local/bin/healthy
# An empty volume that is mounted here gets this owner.
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["healthy"]
CMD ["node", "dist/apps/monolith/src/main.js"]
