import { after, before, describe, it } from "node:test";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { lookAtStates } from "./states.ts";
import { startWorld, type World } from "./world.ts";

describe("every state of the pages", { timeout: 120_000 }, () => {
  let browser: OpenBrowser;
  let world: World;
  before(async () => {
    [browser, world] = await Promise.all([openBrowser(), startWorld()]);
  });
  after(async () => {
    await browser.close();
    await world.close();
  });

  it("keeps nobody out on a desk", () => lookAtStates(browser, world, {}));
  it("keeps nobody out on a phone", () => lookAtStates(browser, world, { width: 390, height: 844 }));
});
