// Three services of our kit in a process of their own, until standard input ends: health, reflection and all, so that
// preflight has something to ask.
import { startDummyServer } from "../../src/service/dummy.ts";
import { createJsonLog } from "../../src/service/log.ts";

const quiet = createJsonLog("bench", () => undefined);
const services = await Promise.all([1, 2, 3].map(() => startDummyServer({ port: 0, signals: [], log: quiet })));

process.stdin.resume().once("end", () => {
  for (const service of services) void service.close(0);
});
process.stdout.write(`${JSON.stringify(services.map(({ address }) => address))}\n`);
