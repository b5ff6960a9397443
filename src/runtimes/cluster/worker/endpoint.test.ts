// What a worker tells Restate of the services that it has.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { after, before, describe, it } from "node:test";
import { ATTEMPT_SERVICE, KEY_OBJECT, REQUESTS_OBJECT, RUN_OBJECT } from "../../../adapters/restate/names.ts";
import { createSystemClock } from "../../../adapters/system/clock.ts";
import { createSecrets } from "../../../kernel/secrets.ts";
import { type Endpoint, listenForRestate } from "./endpoint.ts";
import { RETRY } from "./retry.ts";

interface Manifest {
  readonly services: readonly {
    readonly name: string;
    readonly handlers: readonly { readonly name: string; readonly ty?: string }[];
    readonly [option: string]: unknown;
  }[];
}

/** As Restate asks for it. */
async function discover(port: number): Promise<Manifest> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const accept = "application/vnd.restate.endpointmanifest.v4+json";
    const stream = session.request({ ":path": "/discover", accept });
    let text = "";
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    await once(stream, "end");
    return JSON.parse(text) as Manifest;
  } finally {
    session.destroy();
  }
}

describe("the services of a worker, as Restate discovers them", { timeout: 20_000 }, () => {
  let endpoint: Endpoint;
  before(async () => {
    endpoint = await listenForRestate({
      ...{ host: "127.0.0.1", port: 0, busbarVersion: "0.0.0", clock: createSystemClock() },
      ...{ executors: {}, secrets: createSecrets(() => undefined), onTrouble: () => undefined },
      readDefinition: () => Promise.reject(new Error("nothing is read here")),
    });
  });
  after(() => endpoint?.close());

  it("are all tried again without end: what Restate pauses would keep its object from everybody for ever", async () => {
    const { services } = await discover(endpoint.port);
    assert.deepEqual(
      services
        .map((one) => [
          one.name,
          one.retryPolicyInitialInterval,
          one.retryPolicyMaxInterval,
          one.retryPolicyExponentiationFactor,
          one.retryPolicyMaxAttempts,
        ])
        .sort(),
      [ATTEMPT_SERVICE, KEY_OBJECT, REQUESTS_OBJECT, RUN_OBJECT].map((name) => [
        name,
        RETRY.initialInterval,
        RETRY.maxInterval,
        RETRY.exponentiationFactor,
        RETRY.maxAttempts,
      ]),
    );
  });

  it("have whoever looks a key up wait for nobody who claims it", async () => {
    const { services } = await discover(endpoint.port);
    const handlers = services.find(({ name }) => name === KEY_OBJECT)?.handlers ?? [];
    const shared = handlers.filter(({ ty }) => ty === "SHARED").map(({ name }) => name);
    assert.deepEqual(shared, ["find"]);
  });
});
