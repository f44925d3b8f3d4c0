/** Maximum size of the body of a call, in bytes. */
export const bodyBytesMax = 1024 * 1024;

/** Maximum size of the body of a sign-in request, in bytes. */
export const signInBodyBytesMax = 16 * 1024;

/** Maximum number of calls in one request. */
export const batchMax = 20;

/** Maximum number of connections from one client address. */
export const connectionsPerAddressMax = 500;
