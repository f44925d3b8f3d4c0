import type {
  CalendarFeed,
  Changes,
  CreatedCalendarFeed,
  List,
  RouterInputs,
  RouterOutputs,
  Task,
  TaskFilter,
  User,
} from '@holdfast/api/client';

type Inputs = RouterInputs['task'];
type Outputs = RouterOutputs['task'];
type Trash = { inputs: RouterInputs['trash']; outputs: RouterOutputs['trash'] };
type Lists = { inputs: RouterInputs['list']; outputs: RouterOutputs['list'] };
type Labels = { inputs: RouterInputs['label']; outputs: RouterOutputs['label'] };
type Users = { inputs: RouterInputs['user']; outputs: RouterOutputs['user'] };
type ChangesInputs = RouterInputs['changes'];

/** Options of every call. */
export interface CallOptions {
  /** Ends the call with `code: 'ABORTED'`. */
  signal?: AbortSignal;
}

/** Options of calls that change something. */
export interface WriteOptions extends CallOptions {
  /**
   * True sends the call at once, even if the page is left: for an event such as `visibilitychange`. All such calls that
   * are on their way may have at most 64 KiB. Default: false.
   */
  keepalive?: boolean;
}

export interface ListAllInput extends TaskFilter {
  /** Tasks per request, from 1 to 200. Default: 100. */
  limit?: number | undefined;
}

/** Calls for the tasks of the signed-in user. Every failed call throws a `HoldfastError`. */
export interface TaskCalls {
  /** Creates a task. Without `id`, the client generates one, so that a retry cannot create a second task. */
  create(input: Inputs['create'], options?: WriteOptions): Promise<Task>;
  /** Returns one page of tasks. For all tasks, use `listAll`. */
  list(input?: Inputs['list'], options?: CallOptions): Promise<Outputs['list']>;
  /**
   * Yields all tasks and requests each page when you need it.
   *
   * `for await (const task of holdfast.task.listAll({ completed: false })) …`
   */
  listAll(input?: ListAllInput, options?: CallOptions): AsyncGenerator<Task, void, void>;
  /** Returns the number of tasks that match a filter. */
  count(input?: Inputs['count'], options?: CallOptions): Promise<Outputs['count']>;
  /** Returns a task. Fails with NOT_FOUND if the user has no such task. */
  get(input: Inputs['get'], options?: CallOptions): Promise<Task>;
  /**
   * Changes the given fields. With `ifVersion`, fails with CONFLICT if the task has another version. This client's own
   * updates with `ifVersion` that have not settled yet do not count as another version.
   */
  update(input: Inputs['update'], options?: WriteOptions): Promise<Task>;
  /** Moves a task to the trash. With `ifVersion`, fails with CONFLICT if the task has another version. */
  delete(input: Inputs['delete'], options?: WriteOptions): Promise<Outputs['delete']>;
  /** Returns the number of tasks that match the filter. Counts of one tick share one statement. */
  count(input?: Inputs['count'], options?: CallOptions): Promise<Outputs['count']>;
  /** Creates up to 500 tasks, or none. The client generates missing IDs. */
  createMany(input: Inputs['createMany'], options?: WriteOptions): Promise<Outputs['createMany']>;
  /** Makes the same changes to up to 500 tasks, or to none. Fails with NOT_FOUND and `ids` if tasks are missing. */
  updateMany(input: Inputs['updateMany'], options?: WriteOptions): Promise<Outputs['updateMany']>;
  /** Moves up to 500 tasks to the trash, or none. Fails with NOT_FOUND and `ids` if tasks are missing. */
  deleteMany(input: Inputs['deleteMany'], options?: WriteOptions): Promise<Outputs['deleteMany']>;
  /** Puts tasks of a list into a new manual order. */
  reorder(input: Inputs['reorder'], options?: WriteOptions): Promise<Outputs['reorder']>;
}

/** Calls for deleted tasks. */
export interface TrashCalls {
  /** Returns one page of deleted tasks, the latest deletion first. */
  list(input?: Trash['inputs']['list'], options?: CallOptions): Promise<Trash['outputs']['list']>;
  /** Moves tasks from the trash back to their lists. */
  restore(input: Trash['inputs']['restore'], options?: WriteOptions): Promise<Trash['outputs']['restore']>;
  /** Removes tasks in the trash for good. After a lost response, the count is that of the repeated call. */
  purge(input: Trash['inputs']['purge'], options?: WriteOptions): Promise<Trash['outputs']['purge']>;
}

/** Calls for the lists of tasks. */
export interface ListCalls {
  /** Creates a list. Without `id`, the client generates one, so that a retry cannot create a second list. */
  create(input: Lists['inputs']['create'], options?: WriteOptions): Promise<List>;
  /** Returns all lists in manual order. */
  list(options?: CallOptions): Promise<Lists['outputs']['list']>;
  /**
   * Changes the given fields. With `ifVersion`, fails with CONFLICT if the list has another version. This client's own updates
   * with `ifVersion` that have not settled yet do not count as another version.
   */
  update(input: Lists['inputs']['update'], options?: WriteOptions): Promise<List>;
  /** Moves a list to the trash. Its tasks go with it, or to the list `moveTo`. */
  delete(input: Lists['inputs']['delete'], options?: WriteOptions): Promise<Lists['outputs']['delete']>;
  /** Moves a list and the tasks that were deleted with it back from the trash. */
  restore(input: Lists['inputs']['restore'], options?: WriteOptions): Promise<List>;
}

/** Calls for the labels of tasks. */
export interface LabelCalls {
  /** Returns all labels with their number of tasks. */
  list(options?: CallOptions): Promise<Labels['outputs']['list']>;
  /** Renames a label on all tasks. */
  rename(input: Labels['inputs']['rename'], options?: WriteOptions): Promise<Labels['outputs']['rename']>;
}

/** Calls for the signed-in user. */
export interface UserCalls {
  /** Returns the signed-in user. */
  me(options?: CallOptions): Promise<User>;
  /** Changes the given fields. */
  update(input: Users['inputs']['update'], options?: WriteOptions): Promise<User>;
  /** Returns one page of all lists and tasks, also of those in the trash. For all pages, use `exportAll`. */
  export(input?: Users['inputs']['export'], options?: CallOptions): Promise<Users['outputs']['export']>;
  /**
   * Yields all pages of an export and requests each one when you need it. The lists come first, so that another account can import
   * the pages in order.
   *
   * `for await (const page of holdfast.user.exportAll()) …`
   */
  exportAll(options?: CallOptions): AsyncGenerator<Users['outputs']['export'], void, void>;
  /**
   * Creates up to 500 lists and tasks with their IDs and times, or none. Rows that exist do not change, so you can repeat the
   * call. After a lost response, rows of the first attempt count as `unchanged`.
   */
  import(input: Users['inputs']['import'], options?: WriteOptions): Promise<Users['outputs']['import']>;
  /**
   * Deletes the account with all tasks and lists for good. Then it signs out and deletes the data on this device. Fails with
   * BAD_REQUEST if the password is wrong, and with TOO_MANY_REQUESTS after several attempts. After an error with an unknown outcome,
   * sign in to find out. With the tokens of another issuer, omit the password: the account at the issuer remains.
   */
  delete(input?: Users['inputs']['delete'], options?: CallOptions): Promise<void>;
}

/** Calls for a copy of all tasks and lists that follows every change. */
export interface ChangeCalls {
  /**
   * Returns the changes since the `cursor` of the previous page. Without `since`, it begins a copy of all tasks and lists.
   */
  list(input?: ChangesInputs['list'], options?: CallOptions): Promise<Changes>;
  /**
   * Yields the same pages as they arise. It connects again by itself after each loss of the connection, until the signal is
   * aborted. The first page of each connection can be empty: the app then has every change.
   *
   * `for await (const { tasks, cursor } of holdfast.changes.watch({ since }, { signal })) …`
   */
  watch(input?: { since?: string | undefined }, options?: CallOptions): AsyncGenerator<Changes, void, void>;
}

/** Calls for the secret URL with which calendar apps show the due tasks. */
export interface CalendarCalls {
  /** Returns whether there is a URL, and since when. It does not contain the URL. */
  get(options?: CallOptions): Promise<CalendarFeed>;
  /**
   * Creates the URL: its path on the server. A former one ends. Everyone who knows it can read the due tasks. It is not repeated
   * after a lost response: a first call that arrives late would end the URL of the second one.
   */
  create(options?: WriteOptions): Promise<CreatedCalendarFeed>;
  /** Ends the URL at once. */
  revoke(options?: WriteOptions): Promise<void>;
}

/** The calls of a client, by area. */
export interface Calls {
  /** Calls for the tasks of the signed-in user. */
  task: TaskCalls;
  /** Calls for deleted tasks. */
  trash: TrashCalls;
  /** Calls for the lists of tasks. */
  list: ListCalls;
  /** Calls for the labels of tasks. */
  label: LabelCalls;
  /** Calls for the signed-in user. */
  user: UserCalls;
  /** Calls for a copy of all tasks and lists that follows every change. */
  changes: ChangeCalls;
  /** Calls for the secret URL with which calendar apps show the due tasks. */
  calendar: CalendarCalls;
}
