// Without gRPC: node once.cjs INPUT_FILE OUTPUT_FILE
import { writeFingerprint } from "./fingerprint.ts";

const [source = "", target = ""] = process.argv.slice(2);
writeFingerprint(source, target).then(console.log, (error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
