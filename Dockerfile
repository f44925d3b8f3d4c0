# The server, its runtime dependencies and the built web app: no tests, no development tools, no PostgreSQL.
# packages/consumers/test/image.test.ts runs these steps without Docker.

FROM node:24.21.0-slim AS pruned
WORKDIR /repo
COPY . .
RUN npx --yes turbo@2.11.11 prune @holdfast/server --docker
# Only files that run: no tests, fixtures, examples or settings of tools.
RUN cd out/full && find . -type f ! -path '*/src/*' ! -name package.json -delete && rm -r packages/*/src/testing && find . -type d -empty -delete

FROM node:24.21.0-slim AS installed
WORKDIR /app
COPY --from=pruned /repo/out/json .
# The optional packages are the embedded PostgreSQL. The image uses DATABASE_URL instead.
RUN npx --yes pnpm@12.21.0 install --prod --no-optional --frozen-lockfile
COPY --from=pruned /repo/out/full .
# With code that is compiled already, a server starts sooner and takes less memory.
RUN NODE_COMPILE_CACHE=node_modules/.cache/node node --eval "import('./apps/server/src/serve.ts')"

FROM node:24.21.0-slim AS web-sources
WORKDIR /repo
COPY . .
RUN npx --yes turbo@2.11.11 prune @holdfast/web --docker

FROM node:24.21.0-slim AS web
WORKDIR /build
COPY --from=web-sources /repo/out/json .
# Not the packages that only tests of the web app use.
RUN npx --yes pnpm@12.21.0 install --filter-prod @holdfast/web... --frozen-lockfile
COPY --from=web-sources /repo/out/full .
COPY --from=web-sources /repo/tsconfig.base.json tsconfig.base.json
RUN npx --yes pnpm@12.21.0 --config.verify-deps-before-run=false --filter @holdfast/web build

FROM node:24.21.0-slim
ENV NODE_ENV=production
ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/node
ENV HOST=0.0.0.0
WORKDIR /app
COPY --from=installed /app/node_modules node_modules
COPY --from=installed /app/packages packages
COPY --from=installed /app/apps apps
COPY --from=web /build/apps/web/dist apps/web/dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=40", "--v8-pool-size=1", "apps/server/src/main.ts"]
