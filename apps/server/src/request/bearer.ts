/** Characters of a session token with its signature, and more. The sign-in library takes long for others. */
const sessionTokenMax = 256;

export const canBeSessionToken = (token: string) => token.length <= sessionTokenMax;

/** The token of an `Authorization` header. Undefined in every other form. */
export const readBearer = (authorization: string) => /^bearer +(\S+)$/i.exec(authorization)?.[1];
