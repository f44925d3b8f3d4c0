/** The token of an `Authorization` header. Undefined in every other form. */
export const readBearer = (authorization: string) => /^bearer +(\S+)$/i.exec(authorization)?.[1];
