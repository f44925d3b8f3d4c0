import { Migration } from '@mikro-orm/migrations';

// Leaves a tenth of each page free for updated rows, so that an update of title or description is a HOT update, which writes
// to no index. Pages that are already full stay full until their tasks are deleted or rewritten.
export class RoomForUpdates extends Migration {
  up(): void {
    this.addSql('alter table tasks set (fillfactor = 90)');
  }
}
