// Lets Schemathesis make requests of the API's description: of an empty server, and of one with runs and workflows.
// Closes with one line that counts passed, failed and skipped.
import { parseArgs } from "node:util";
import { ensureSchemathesis, runSchemathesis } from "../test/api/schemathesis.ts";
import { createWorld } from "../test/api-contract/world.ts";

const USAGE = `Usage: npm run campaign:api [-- OPTIONS]
  --seed N        makes the same requests again
  --seconds N     how long for each of two servers (default 60)
`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seconds: { type: "string", default: "60" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const seconds = Number(values.seconds);
process.stdout.write(`again: npm run campaign:api -- --seed ${seed}\n`);

const command = ensureSchemathesis();
let failed = 0;
for (const isFilled of [false, true]) {
  process.stdout.write(`\n=== ${isFilled ? "a server with runs and workflows" : "an empty server"}\n`);
  const world = await createWorld();
  try {
    const known = isFilled ? await fill() : {};
    if (
      (await runSchemathesis(command, {
        url: world.url,
        token: await world.tokenOf("admin"),
        seed,
        seconds,
        known,
      })) !== 0
    )
      failed += 1;
  } finally {
    await world.close();
  }

  async function fill() {
    const runs = [];
    for (let n = 0; n < 10; n += 1) runs.push(await world.run(`ended-${n}`, "ok", n % 2 === 0 ? "ok" : "fail"));
    for (const name of ["work", "other"]) {
      const { format, text } = world.definition("ok", "ok");
      const body = { format, text: text.replace('"work"', JSON.stringify(name)) };
      await world.send({ method: "POST", path: "/api/v1/workflows" }, { body });
    }
    const workflows = ["work", "other"];
    return {
      "path.run_id": runs,
      "path.node_id": ["n0", "n1"],
      "path.name": workflows,
      "body.workflow": workflows,
      "body.definition.text": [world.definition("ok").text, world.definition("ok", "fail").text],
    };
  }
}
process.stdout.write(`${2 - failed} passed, ${failed} failed, 0 skipped\n`);
if (failed > 0) process.exitCode = 1;
