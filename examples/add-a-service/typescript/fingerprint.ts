// The work: writes what `sha256sum` prints. It knows nothing of gRPC.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { writeWholeFile } from "busbar/service";

export async function writeFingerprint(source: string, target: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(source, { signal })) hash.update(chunk);
  const digest = hash.digest("hex");
  await writeWholeFile(target, (file) => file.write(`${digest}  ${basename(source)}\n`), signal);
  return digest;
}
