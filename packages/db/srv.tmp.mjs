import { migrate } from '@holdfast/db';
import { openScratchServer } from '@holdfast/embedded-postgres';
const s = await openScratchServer();
await migrate({ url: s.url });
console.log(s.url);
process.stdin.resume();
process.stdin.on('end', () => s.stop().then(() => process.exit()));
