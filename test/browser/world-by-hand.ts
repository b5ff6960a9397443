// The world of the browser's tests to look at: prints its URL, and ends with Ctrl-C.
// Usage: node test/browser/world-by-hand.ts [--empty] [OPTIONS OF busbar serve]
import { startWorld } from "./world.ts";

const args = process.argv.slice(2);
const ended = Promise.withResolvers<void>();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.resolve());
const world = await startWorld({
  runs: !args.includes("--empty"),
  args: args.filter((arg) => arg !== "--empty"),
});
process.stdout.write(`${world.url}\nstate: ${world.stateDir}\n`);
await ended.promise;
await world.close();
