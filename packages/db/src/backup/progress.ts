/** The progress within one table. */
export interface Progress {
  readonly table: string;
  readonly rows: number;
  /** Bytes of COPY text so far. */
  readonly bytes: number;
}

export type OnProgress = (progress: Progress) => void;
