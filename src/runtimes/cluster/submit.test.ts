import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import { createSystemRandom } from "../../adapters/system/random.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import { createSubmit } from "./submit.ts";

describe("a drive that Restate has accepted, and no worker takes", () => {
  const { definition } = workflowOf("a");
  const how = { kind: "created", at: new Date(0).toISOString(), definitionHash: definition.hash, params: {} } as const;
  const drive = { epoch: 1, how: { ...how, busbarVersion: "0.0.0" }, definition };
  const silent: Ingress = {
    url: "http://restate:8080",
    submit: async () => "inv_1",
    async call() {
      throw new BusbarError("CLUSTER_UNREACHABLE", "Restate has not answered within 60 s");
    },
    outputOf: async () => ({ kind: "under_way" }),
  };
  const submit = createSubmit({ ingress: silent, clock: createSystemClock(), random: createSystemRandom() });

  it("is told of as one that goes on by itself, so that nobody starts it again", async () => {
    await assert.rejects(submit("r1", drive), {
      code: "CLUSTER_UNREACHABLE",
      message: /^Restate has not answered within 60 s\. Restate has accepted run r1, .*: do not start it again\.$/,
      details: { run_id: "r1" },
    });
  });

  it("is not where it has an idempotency key, which is taken back from it", async () => {
    await assert.rejects(submit("r2", drive, "token"), { message: "Restate has not answered within 60 s" });
  });
});
