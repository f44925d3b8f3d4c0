import type { List, Task } from '@holdfast/client';
import { useApp } from '../../data/app.ts';

interface ImportResult {
  created: number;
  unchanged: number;
  conflicts: unknown[];
}

/** The calls for all data of the user. A server of an earlier version has none. */
interface UserData {
  export?(input: { cursor?: string | null }): Promise<{ lists: List[]; tasks: Task[]; nextCursor: string | null }>;
  import?(input: { lists: unknown[]; tasks: unknown[] }): Promise<ImportResult>;
  delete?(input: { password: string }): Promise<unknown>;
}

export const useUserData = (): UserData => useApp().holdfast.user as UserData;
