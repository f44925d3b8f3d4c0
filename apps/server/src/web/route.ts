import type { Request, RequestHandler, Response } from 'express';
import { contentSecurityPolicy, crossOriginOpenerPolicy } from 'helmet';
import { documentPath, referencePath, type WebFile, type WebFiles } from './files.ts';

/** Paths below these belong to the API and to files, so that no page can be there. */
const notPages = /^\/(?:trpc|api|assets|calendar)(?:\/|$)/;

const yearS = 365 * 24 * 3600;

/** Allows only scripts, styles, images and calls of this origin: no inline script, no `eval`, no frame. */
const protectPage = contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    workerSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/** The viewer of the reference creates style elements, and previews colors and icons as `data:`. */
const protectReference = contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

const isolatePage = crossOriginOpenerPolicy();

/** Whether the client prefers a page to JSON, as browsers do that open an address. Clients that accept all types get JSON. */
export function prefersPage(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html';
}

/** Serves the files of the web app, and its document for each path that a browser opens. */
export function createWebRoute(files: WebFiles): RequestHandler {
  const document = files.get(documentPath)!;
  return (req, res, next) => {
    if (req.method !== 'GET') return next();
    if (req.path === '/docs') {
      const reference = files.get(referencePath);
      return reference === undefined ? next() : sendFile(req, res, { file: reference, protect: protectReference });
    }
    const file = files.get(req.path);
    if (file !== undefined) return sendFile(req, res, { file });
    if (notPages.test(req.path)) return next();
    res.vary('accept');
    if (!prefersPage(req)) return next();
    sendFile(req, res, { file: document });
  };
}

interface Sent {
  file: WebFile;
  /** Default: the policy of the app. */
  protect?: typeof protectPage;
}

/** Sends the whole file. HTTP allows a server to ignore ranges, and many ranges would multiply the response. */
function sendFile(req: Request, res: Response, { file, protect = protectPage }: Sent): void {
  const encoding = (['br', 'gzip'] as const).find((name) => file[name] && req.acceptsEncodings(name));
  if (file.br ?? file.gzip) res.vary('accept-encoding');
  if (encoding) res.setHeader('content-encoding', encoding);
  res.setHeader('cache-control', file.isImmutable ? `public, max-age=${yearS}, immutable` : 'no-cache');
  res.setHeader('etag', `"${file.etag}${encoding ? `-${encoding}` : ''}"`);
  res.type(file.extension);
  protect(req, res, () => isolatePage(req, res, () => res.send(file[encoding ?? 'identity'])));
}
