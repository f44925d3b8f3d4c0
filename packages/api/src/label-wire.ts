// Outputs are type aliases, because tRPC's inferred outputs replace an interface by a mapped type without docs.

export type Label = {
  /** Name as on the tasks. Names that differ in case are different labels. */
  name: string;
  /** Tasks with this label that are not in the trash, open or completed. */
  count: number;
};

export type AllLabels = {
  /** All labels in order of their names, compared bytewise. Of more than 1,000 labels, those with the most tasks. */
  items: Label[];
};

export interface RenameLabelInput {
  /** Label to rename, 1 to 50 characters. Case is ignored. */
  from: string;
  /** New name, 1 to 50 characters. A task that has both labels retains one. */
  to: string;
  /**
   * UUID for this write. If you send the same write again within 90 days, it is applied once, and the response is that of the
   * first call. With other input, the call fails with CONFLICT. Default: each call is a new write.
   */
  operationId?: string | undefined;
}

export type RenamedLabel = {
  /** Changed tasks, including those in the trash. At most 10,000. */
  count: number;
};
