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
  const submitTo = (code: "CLUSTER_UNREACHABLE" | "CLUSTER_NO_WORKERS") => {
    const silent: Ingress = {
      url: "http://restate:8080",
      submit: async () => "inv_1",
      async call() {
        throw new BusbarError(code, "nobody has answered within 60 s");
      },
      outputOf: async () => ({ kind: "under_way" }),
    };
    return createSubmit({ ingress: silent, clock: createSystemClock(), random: createSystemRandom() });
  };

  it("is told of as one that goes on by itself, so that nobody starts it again", async () => {
    for (const code of ["CLUSTER_UNREACHABLE", "CLUSTER_NO_WORKERS"] as const) {
      await assert.rejects(submitTo(code)("r1", drive), {
        code,
        message: /^nobody has answered within 60 s\. Restate has accepted run r1, .*: do not start it again\.$/,
        details: { run_id: "r1" },
      });
    }
  });

  it("is told of as one that may have been accepted, where its submission went out and was not answered", async () => {
    for (const isOut of [true, false]) {
      const cut: Ingress = {
        url: "http://restate:8080",
        async submit(_target, _input, _key, onOut) {
          if (isOut) onOut?.();
          throw new BusbarError("CLUSTER_UNREACHABLE", "the connection was closed");
        },
        call: () => Promise.reject(new Error("nothing is called here")),
        outputOf: async () => ({ kind: "under_way" }),
      };
      const submit = createSubmit({ ingress: cut, clock: createSystemClock(), random: createSystemRandom() });
      const wanted = isOut
        ? { message: /^the connection was closed\. Run r3 may have been accepted, /, details: { run_id: "r3" } }
        : { message: "the connection was closed" };
      await assert.rejects(submit("r3", drive), { code: "CLUSTER_UNREACHABLE", ...wanted });
    }
  });

  it("is not where it has an idempotency key: to start it again with that makes no other run", async () => {
    const submit = submitTo("CLUSTER_NO_WORKERS");
    await assert.rejects(submit("r2", drive, "token"), { message: "nobody has answered within 60 s" });
  });
});
