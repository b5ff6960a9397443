// A process of its own that prunes all ended runs of a state directory but the newest few, and says of each when it is gone.
// Arguments: the state directory, and how many to keep.
import { writeSync } from "node:fs";
import { pruneStateDir } from "../../src/app/prune.ts";
import { createShared } from "../../src/app/shared.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";

const [stateDir = "", keep = "0"] = process.argv.slice(2);

const input = {
  ...{ stateDir, allowRemoteState: false, keep: Number(keep) },
  onDamage: (error: unknown) => {
    throw error;
  },
};
for await (const { run_id } of pruneStateDir(input, createShared(createSecrets(() => undefined)))) {
  writeSync(1, `${run_id}\n`);
}
writeSync(1, "done\n");
