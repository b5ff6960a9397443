// Loaded before each file of tests (scripts/test.ts): once its tests are over its process ends, or says what keeps it.
import { after } from "node:test";

/** Sockets and files that are being closed take a moment. */
const ENDS_WITHIN_MS = 30_000;

after(() => {
  setTimeout(() => {
    process.stderr.write(
      `${process.argv[1]}: the tests are over, and ${process.getActiveResourcesInfo().join(", ")} keep it from ending\n`,
    );
    process.exit(1);
  }, ENDS_WITHIN_MS).unref();
  // Without tearing down what is left: with connections of HTTP/2 that may never end (nodejs/node#47748).
  process.on("exit", () => process.exit());
});
