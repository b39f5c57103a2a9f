# syntax=docker/dockerfile:1
# One image for every role: what ROLE says by default, every command as `afterglow ...`.

FROM node:24-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# What the program needs while it runs. Optional packages stay out: a Node of its own (the image has one), an embedded PostgreSQL (for the demo
# and the tests), and a faster msgpack for BullMQ, which has one in JavaScript. No package's install script is needed.
FROM base AS modules
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM base AS build
# The compiler is a binary that comes as an optional package, so here they stay in.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY --chmod=755 bin bin
COPY protocols protocols
COPY templates templates
COPY examples examples
RUN ln -s /app/bin/afterglow.mjs /usr/local/bin/afterglow
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
# A web process answers; a worker process has no port, and is well when the database has a fresh heartbeat of this host.
HEALTHCHECK --interval=60s --timeout=15s --start-period=30s --retries=3 CMD \
  if [ "$ROLE" != worker ]; then node -e 'fetch(`http://127.0.0.1:${process.env.PORT || 8080}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))' || exit 1; fi; \
  if [ "$ROLE" != http ]; then afterglow status --json | grep -q "\"host\":\"$(hostname)\"" || exit 1; fi
# Node sizes its heap by the machine and collects late: without these bounds a worker that needs 80 MB of heap takes 400. glibc keeps freed memory in an arena
# for each of Node's threads: with two of them a worker takes 15 MB less.
ENV MALLOC_ARENA_MAX=2
CMD ["node", "--max-old-space-size=160", "--max-semi-space-size=16", "dist/src/main.js"]
