import { randomUUID } from "node:crypto";
import type { Cases } from "../cases.ts";

export const ACCESS_CASES: Cases = {
  getSession: [[200, () => ({})]],
  openSession: [[200, async (world) => ({ body: { token: await world.tokenOf("viewer") } })]],
  closeSession: [[204, () => ({})]],
  listTokens: [[200, () => ({})]],
  createToken: [[201, () => ({ body: { role: "viewer", name: "new", expires_in_s: 60 } })]],
  revokeToken: [
    [204, async (world) => ({ path: { token_id: await world.makeToken() } })],
    ["TOKEN_NOT_FOUND", () => ({ path: { token_id: randomUUID() } })],
  ],
  readAudit: [[200, () => ({ query: { limit: 2 } })]],
};
