// The services on a large file, in a process of its own: a child's peak memory begins with that of its parent.
// Usage: node services-once.ts ROWS
import { measureServices } from "../analyzer.ts";

process.stdout.write(`${JSON.stringify(await measureServices({ rows: Number(process.argv[2]) }))}\n`);
