/** Maximum size of a request body, in bytes. */
export const bodyBytesMax = 1024 * 1024;

/** Maximum number of calls in one request. */
export const batchMax = 20;
