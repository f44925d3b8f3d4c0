import { Migration } from '@mikro-orm/migrations';

// How often whom the servers have served, where several share one count. It lies in the schema of the server's own: no
// role that works for a user or a tool has any right there. What a crash loses here is a minute's count.
export class RateLimits extends Migration {
  up(): void {
    this.addSql(`
create unlogged table auth.rate_limits (
  key text not null primary key,
  points integer not null,
  expire bigint
)`);
  }

  override down(): void {
    this.addSql('drop table auth.rate_limits');
  }
}
