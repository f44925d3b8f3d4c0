import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Sets the security headers of an API without pages. Browsers must not store, render, frame or reinterpret responses. */
export function createSecurityHeaders(): RequestHandler {
  const protect = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: 'deny' },
    // These headers are for pages or for outdated browsers.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  return (req, res, next) => {
    // Without this, browsers store tokens and tasks on disk, and the back button shows them after sign-out.
    res.setHeader('cache-control', 'no-store');
    protect(req, res, next);
  };
}
