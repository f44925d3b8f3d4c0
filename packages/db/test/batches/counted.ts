import { openDatabase, type StatementReport } from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { atEnd } from '../fixture.ts';

/** Opens a database with one connection, whose round trips are counted. */
export async function openCounted(url: string, userId: string) {
  const proxy = await openFaultProxy(url);
  const reports: StatementReport[] = [];
  const observer = { onStatement: (report: StatementReport) => void reports.push(report) };
  const counted = await openDatabase({ url: proxy.url, poolMax: 1, observer });
  atEnd(() => proxy.close());
  atEnd(() => counted.close());
  const scope = counted.asUser(userId, { batchWrites: true, batchReads: true });
  const count = async <Result>(work: () => Promise<Result>): Promise<[Result, trips: number]> => {
    const before = proxy.roundTrips();
    const result = await work();
    return [result, proxy.roundTrips() - before];
  };
  return { counted, scope, proxy, count, reports };
}
