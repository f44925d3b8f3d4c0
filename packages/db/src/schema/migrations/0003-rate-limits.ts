import { Migration } from '@mikro-orm/migrations';

// The rate limit counters that several servers share. The roles holdfast_app and holdfast_tools have no rights on the schema
// auth. The table is unlogged: a crash loses the counters of one minute.
export class RateLimits extends Migration {
  up(): void {
    this.addSql(`
create unlogged table auth.rate_limits (
  key text not null primary key,
  points integer not null,
  expire bigint
)`);
  }
}
