/** The check of a position in a manual order. */
export const positionCheck = "position ~ '^[0-9A-Za-z]+$' and char_length(position) <= 200";

/** The position of a row whose writer assigns none. It comes after all assigned positions. */
export const laterPosition = 'h00000000';
