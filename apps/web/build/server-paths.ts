/** Paths of the API. Neither the service worker nor the development server takes them for pages. */
export const serverPaths = /^\/(?:trpc|api|livez|readyz|metrics|docs|openapi\.json|mcp|calendar)(?:[/?]|$)/;
