import { Migration } from '@mikro-orm/migrations';

// A tenth of each page is left for the changed rows of that page: a change of title or text then touches no index. Pages
// that are full already stay so until their tasks are deleted or rewritten.
export class RoomForUpdates extends Migration {
  up(): void {
    this.addSql('alter table tasks set (fillfactor = 90)');
  }

  override down(): void {
    this.addSql('alter table tasks reset (fillfactor)');
  }
}
