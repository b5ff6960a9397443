// A process of its own that uploads one workflow over and over, and says of each upload when it is stored.
// Arguments: the state directory, and the number of the first upload.
import { writeSync } from "node:fs";
import { openServerLibrary } from "../../src/app/server/workflow-library.ts";
import { createShared } from "../../src/app/shared.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { textOf } from "./text.ts";

const [stateDir = "", first = "0"] = process.argv.slice(2);

const library = openServerLibrary(
  {
    stateDir,
    onTrouble(trouble) {
      throw trouble;
    },
  },
  createShared(createSecrets(() => undefined)),
);
for (let number = Number(first); ; number += 1) {
  await library.put({ ...textOf(number), by: "a test" });
  writeSync(1, `${number}\n`);
}
