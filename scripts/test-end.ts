// Loaded before each file of tests (scripts/test.ts): its process ends once they are over, or says what keeps it.
import { after } from "node:test";
import { isMainThread } from "node:worker_threads";

/** Far more than any file takes; hooks, unlike tests, have no bound of their own. */
const WHOLE_MS = 900_000;
/** Sockets and files that are being closed take a moment. */
const ENDS_WITHIN_MS = 30_000;

// What such a file forks, and its threads, are started with the same arguments.
if (isMainThread && process.argv[1]?.endsWith(".test.ts")) boundFile();

function boundFile(): void {
  if (process.env.BUSBAR_CAMPAIGN !== "full") failAfter(WHOLE_MS, "these tests have taken too long");
  after(() => {
    failAfter(ENDS_WITHIN_MS, "the tests are over, and their process has not ended");
    // Without tearing down what is left: with connections of HTTP/2 that may never end (nodejs/node#47748).
    process.on("exit", () => process.exit());
  });
}

function failAfter(ms: number, why: string): void {
  const fail = (): never => {
    process.stderr.write(`${process.argv[1]}: ${why}: ${process.getActiveResourcesInfo().join(", ")}\n`);
    process.exit(1);
  };
  setTimeout(fail, ms).unref();
}
