// Every operation that the API describes, called on a real server: each answer it may give is given, and fits what is said
// of it. An operation, or a problem of one, that is new needs a line in api-contract/cases/.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { ROLES, type Role } from "../src/api/access/caller.ts";
import type { ApiDocument } from "../src/api/description.ts";
import { ACCESS_CASES } from "./api-contract/cases/access.ts";
import { CONTROL_CASES } from "./api-contract/cases/control.ts";
import { RUN_CASES } from "./api-contract/cases/runs.ts";
import { THING_CASES } from "./api-contract/cases/things.ts";
import { WORKFLOW_CASES } from "./api-contract/cases/workflows.ts";
import type { Cases } from "./api-contract/cases.ts";
import { type AnswerName, type Contract, type ContractOperation, readContract } from "./api-contract/contract.ts";
import { deriveCase } from "./api-contract/derived-cases.ts";
import { type Ask, createWorld, type World } from "./api-contract/world.ts";

const CASES: Cases = { ...RUN_CASES, ...CONTROL_CASES, ...WORKFLOW_CASES, ...ACCESS_CASES, ...THING_CASES };

describe("the contract of the API", () => {
  let world: World;
  let contract: Contract;
  let token: string;
  const given = new Set<string>();
  before(async () => {
    world = await createWorld();
    token = await world.tokenOf("admin");
    const described = await fetch(`${world.url}/api/openapi.json`, { headers: { authorization: `Bearer ${token}` } });
    contract = readContract((await described.json()) as ApiDocument);
  });
  after(() => world.close());

  async function ask(operation: ContractOperation, what: Ask): Promise<AnswerName> {
    const answer = contract.check(operation, await world.send(operation, what));
    given.add(`${operation.id} ${answer}`);
    return answer;
  }

  it("has operations for all that has cases", () => {
    const ids = contract.operations.map(({ id }) => id);
    for (const id of Object.keys(CASES)) assert.ok(ids.includes(id), `there is no operation ${id}`);
  });

  it("is kept by each answer that needs something to be there first", async (t) => {
    for (const [id, cases] of Object.entries(CASES)) {
      const operation = contract.operations.find((each) => each.id === id) ?? assert.fail(id);
      for (const [answer, prepare] of cases) {
        await t.test(`${id} ${answer}`, async () => {
          assert.equal(await ask(operation, await prepare(world)), String(answer));
        });
      }
    }
  });

  it("is kept by each answer that follows from the description", async (t) => {
    for (const operation of contract.operations) {
      for (const answer of operation.answers) {
        const prepare = deriveCase(operation, answer);
        if (prepare === undefined || given.has(`${operation.id} ${answer}`)) continue;
        await t.test(`${operation.id} ${answer}`, async () => {
          assert.equal(await ask(operation, await prepare(world)), answer);
        });
      }
    }
  });

  it("is kept by bodies of unknown and of impossible length", async () => {
    for (const operation of contract.operations.filter(({ hasBody }) => hasBody)) {
      for (const length of [{ "transfer-encoding": "chunked" }, { "content-length": "1000000000" }]) {
        const headers = { authorization: `Bearer ${token}`, ...length };
        const answer = contract.check(
          operation,
          await sendHead(`${world.url}${operation.path}`, operation.method, headers),
        );
        given.add(`${operation.id} ${answer}`);
      }
    }
  });

  it("lets each role do what its operations need, and nothing that needs more", async () => {
    for (const operation of contract.operations) {
      for (const role of ROLES) {
        // Nothing that is there is touched.
        const body = operation.hasBody ? { body: "[" } : {};
        const { status } = await world.send(operation, { role, ...body });
        const isEnough = ROLES.indexOf(role) >= ROLES.indexOf(operation.role as Role);
        if (operation.role === "nobody") continue;
        assert.equal(status === 403, !isEnough, `${operation.id} answers ${role} with ${status}`);
      }
    }
  });

  it("has no answer that was never given", () => {
    const all = contract.operations.flatMap(({ id, answers }) => answers.map((answer) => `${id} ${answer}`));
    assert.deepEqual(
      all.filter((answer) => !given.has(answer)),
      [],
    );
  });
});

/** Sends a request whose body does not come. */
function sendHead(url: string, method: string, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: Headers; text: string }>((resolve, reject) => {
    const sending = request(url, { method, headers: { "content-type": "application/json", ...headers } });
    sending.on("error", reject);
    sending.on("response", async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({
        status: response.statusCode ?? 0,
        headers: new Headers({ "content-type": response.headers["content-type"] ?? "" }),
        text,
      });
      sending.destroy();
    });
    sending.flushHeaders();
  });
}
