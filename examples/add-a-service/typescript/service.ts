// The work as a service of a pipeline.
import "./node-version.ts";
import { existsSync } from "node:fs";
import { createDataRoot, createRpcError, serve } from "busbar/service";
import { writeFingerprint } from "./fingerprint.ts";

async function main(): Promise<void> {
  const root = await createDataRoot(process.env.DATA_ROOT || "data");
  const service = await serve({
    name: "fingerprint",
    host: process.env.HOST || "127.0.0.1",
    port: Number(process.env.PORT || 50054),
    describeFailure: (reason) => `[Fingerprint] Failed to execute: ${reason}`,
    async execute({ inputFile, outputFile }, { signal, idempotencyKey, log }) {
      // The same for every try of the same work. This work may be done twice; if yours must not be, remember the key.
      log.info(`${idempotencyKey ?? "none"}: ${inputFile} -> ${outputFile}`);
      // May be better in a moment: a status. UNAVAILABLE is tried again by default.
      if (!existsSync(root.path)) throw createRpcError("UNAVAILABLE", `${root.path} is not mounted`);
      const [source, target] = await Promise.all([root.locate(inputFile), root.locate(outputFile)]);
      // Will be the same next time: any other error is an answer. The node fails, with these words.
      if (!existsSync(source)) throw new Error(`Input file not found: ${inputFile}`);
      const digest = await writeFingerprint(source, target, signal);
      return `SHA-256 of ${inputFile} is ${digest.slice(0, 12)}…`;
    },
  });
  console.log(`READY ${service.name} ${service.address}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
