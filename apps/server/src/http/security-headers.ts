import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** The headers that matter where nothing is a page: no answer is to be kept, shown, framed or read as anything but what it is. */
export function createSecurityHeaders(): RequestHandler {
  const protect = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: 'deny' },
    // These are for pages, or for browsers that are gone.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  return (req, res, next) => {
    // Otherwise browsers keep tokens and tasks on disk, and going back shows them when their user has signed out.
    res.setHeader('cache-control', 'no-store');
    protect(req, res, next);
  };
}
