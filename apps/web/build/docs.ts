import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// Writes the reference of the API at `/docs`: a page, its two scripts, and no file of another host.

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
// The package exports only parts of it.
const scalar = fileURLToPath(
  new URL('../node_modules/@scalar/api-reference/dist/browser/standalone.js', import.meta.url),
);

const start = `Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  layout: 'modern',
  theme: 'default',
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  defaultOpenAllTags: false,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  metaData: { title: 'Holdfast API' },
});
`;

const toName = (name: string, content: Buffer | string) =>
  `assets/${name}-${createHash('sha256').update(content).digest('base64url').slice(0, 8)}.js`;

const viewer = toName('reference', await readFile(scalar));
const starter = toName('reference-start', start);
await copyFile(scalar, dist + viewer);
await writeFile(dist + starter, start);
await writeFile(
  `${dist}docs.html`,
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Holdfast API</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <script src="/${viewer}" defer></script>
    <script src="/${starter}" defer></script>
  </head>
  <body>
    <div id="reference"></div>
    <noscript>This page needs JavaScript. The same description is at <a href="/openapi.json">/openapi.json</a>.</noscript>
  </body>
</html>
`,
);
