// Outputs are type aliases, because tRPC's inferred outputs replace an interface by a mapped type without docs.

/** A list of tasks. Times are ISO 8601 in UTC with milliseconds, such as `2026-01-31T09:30:00.000Z`. */
export type List = {
  /** UUID in lower case, unique among the lists of its owner. */
  id: string;
  /** 1 to 200 characters (Unicode code points). */
  name: string;
  /** 1 to 50 characters, such as `#2563eb` or `blue`, or null. The server gives them no meaning. */
  color: string | null;
  /** Key of the manual order. Compare keys bytewise, and equal keys by `id`. */
  position: string;
  /** Time at which the list was archived. Null while it is in use. */
  archivedAt: string | null;
  /** Time at which the server created the list. */
  createdAt: string;
  /** Time of the last change. An update that changes no value does not count. */
  updatedAt: string;
  /** Starts at 1 and increases by 1 with each change. */
  version: number;
};

export type AllLists = {
  /** All lists that are not in the trash, at most 500, in manual order. Archived lists are among them. */
  items: List[];
};

export type DeletedList = {
  /** UUID of the deleted list. */
  id: string;
};

interface RepeatableListWrite {
  /**
   * UUID for this write. If you send the same write again within 90 days, it is applied once, and the response is the
   * current list. With other input, the call fails with CONFLICT. Default: each call is a new write.
   */
  operationId?: string | undefined;
}

interface OptionalListContent {
  /** 1 to 50 characters, or null. White space at both ends is removed. Default for a new list: null. */
  color?: string | null | undefined;
  /** Key of the manual order, as the package `fractional-indexing` creates them. Default for a new list: the end. */
  position?: string | undefined;
}

export interface CreateListInput extends OptionalListContent {
  /**
   * UUID for the new list, so that you can send the same create again. Default: a UUIDv7.
   * The same input again returns the list as it is now. Other input fails with CONFLICT.
   */
  id?: string | undefined;
  /** 1 to 200 characters (Unicode code points), not all white space. White space at both ends is removed. */
  name: string;
}

interface ListExpectation extends RepeatableListWrite {
  /** UUID of the list. */
  id: string;
  /** Expected `version`. If the list has another version, the call fails with CONFLICT. Default: any version. */
  ifVersion?: number | undefined;
}

/** Omitted fields do not change. */
export interface UpdateListInput extends OptionalListContent, ListExpectation {
  /** 1 to 200 characters (Unicode code points), not all white space. White space at both ends is removed. */
  name?: string | undefined;
  /** True archives the list, false takes it back into use. Its tasks do not change. */
  archived?: boolean | undefined;
}

export interface DeleteListInput extends ListExpectation {
  /**
   * UUID of the list to which the tasks move, or null for the inbox. Default: the tasks go to the trash with the list. At most
   * 10,000 tasks.
   */
  moveTo?: string | null | undefined;
}

export interface RestoreListInput extends RepeatableListWrite {
  /** UUID of a list in the trash. The tasks that went there with it come back too. */
  id: string;
}
