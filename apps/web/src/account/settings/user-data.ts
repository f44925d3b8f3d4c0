import type { Holdfast, List, Task } from '@holdfast/client';

/** All lists, and all tasks, also those in the trash. */
export interface Records {
  lists: List[];
  tasks: Task[];
}

export interface Imported {
  created: number;
  unchanged: number;
  conflicts: unknown[];
}

/** The calls for all data of the user. */
interface UserData {
  exportAll?(): AsyncIterable<Records>;
  import?(records: Records): Promise<Imported>;
  delete?(input: { password: string }): Promise<void>;
}

export const findUserData = ({ user }: Holdfast): UserData => user as UserData;
