import type { CSSProperties } from 'react';

/** The color of a list. A list without a color has a ring. */
export function ListDot({ color }: { color: string | null }) {
  const style = color === null ? undefined : ({ '--dot': color } as CSSProperties);
  return <span className={color === null ? 'list-dot list-dot-none' : 'list-dot'} style={style} aria-hidden="true" />;
}
