import type { ReactNode } from 'react';

/** Small drawings for empty screens, on a grid of 160 × 112. `drawing-soft` areas are behind lines. */
const drawings = {
  inbox: (
    <>
      <path className="drawing-soft" d="M34 62 50 30h60l16 32v28a6 6 0 0 1-6 6H40a6 6 0 0 1-6-6z" />
      <path d="M34 62h28l6 12h24l6-12h28M34 62 50 30h60l16 32v28a6 6 0 0 1-6 6H40a6 6 0 0 1-6-6z" />
      <path className="drawing-accent" d="m70 42 8 8 14-16" />
    </>
  ),
  today: (
    <>
      <path className="drawing-soft" d="M52 80a28 28 0 0 1 56 0z" />
      <path d="M52 80a28 28 0 0 1 56 0M28 80h104M44 94h72M60 106h40" />
      <path className="drawing-accent" d="M80 38V26M51 50l-9-9M109 50l9-9M38 66l-12-3M122 66l12-3" />
    </>
  ),
  upcoming: (
    <>
      <rect className="drawing-soft" x="42" y="24" width="76" height="74" rx="8" />
      <path d="M50 24h60a8 8 0 0 1 8 8v58a8 8 0 0 1-8 8H50a8 8 0 0 1-8-8V32a8 8 0 0 1 8-8zM42 44h76M60 16v14M100 16v14M58 58h.01M73 58h.01M88 58h.01M103 58h.01M58 71h.01M73 71h.01M103 71h.01M58 84h.01M73 84h.01" />
      <circle className="drawing-accent" cx="88" cy="71" r="7" />
    </>
  ),
  list: (
    <>
      <rect className="drawing-soft" x="46" y="16" width="68" height="84" rx="8" />
      <path d="M54 16h52a8 8 0 0 1 8 8v68a8 8 0 0 1-8 8H54a8 8 0 0 1-8-8V24a8 8 0 0 1 8-8zM76 58h24M76 76h16" />
      <path d="M60 58h.01M60 76h.01" className="drawing-dots" />
      <path className="drawing-accent" d="m58 38 4 4 7-8M76 39h24" />
    </>
  ),
  nothing: (
    <>
      <path className="drawing-soft" d="M80 18a38 38 0 1 0 0 76 38 38 0 0 0 0-76z" />
      <path d="M80 18a38 38 0 1 0 0 76 38 38 0 0 0 0-76zM66 48h.01M94 48h.01" />
      <path className="drawing-accent" d="M64 74c8-8 24-8 32 0" />
    </>
  ),
} as const satisfies Record<string, ReactNode>;

export type DrawingName = keyof typeof drawings;

/** Decoration only. */
export function Drawing({ name }: { name: DrawingName }) {
  return (
    <svg className="drawing" viewBox="0 0 160 112" aria-hidden="true">
      {drawings[name]}
    </svg>
  );
}
