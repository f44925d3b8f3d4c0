/** How far a table is. */
export interface Progress {
  readonly table: string;
  readonly rows: number;
  /** Of COPY text. */
  readonly bytes: number;
}

export type OnProgress = (progress: Progress) => void;
