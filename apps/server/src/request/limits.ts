/** The largest body that is read. */
export const bodyBytesMax = 1024 * 1024;

/** The most calls in one request. */
export const batchMax = 20;
