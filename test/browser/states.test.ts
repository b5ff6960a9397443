import { describe, it } from "node:test";
import { lookAtStates } from "./states.ts";
import { useDashboard } from "./use-dashboard.ts";

describe("every state of the pages", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard();

  it("keeps nobody out on a desk", () => lookAtStates(browser, world, {}));
  it("keeps nobody out on a phone", () => lookAtStates(browser, world, { width: 390, height: 844 }));
});
