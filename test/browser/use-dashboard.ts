// What nearly every suite of this folder needs: a world, and a browser to look at it.
import { after, before } from "node:test";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

export interface DashboardInUse {
  readonly world: World;
  readonly browser: OpenBrowser;
}

/**
 * To be called first within `describe`: opens both before its tests, and closes both after them.
 * @returns both at once, to be named by the suite; they can be used from the next `before` on
 */
export function useDashboard(options?: WorldOptions): DashboardInUse {
  let world: World | undefined;
  let browser: OpenBrowser | undefined;
  before(async () => {
    // What has come is closed also where the other one has not.
    const opened = await Promise.allSettled([
      startWorld(options).then((started) => {
        world = started;
      }),
      openBrowser().then((started) => {
        browser = started;
      }),
    ]);
    for (const one of opened) if (one.status === "rejected") throw one.reason;
  });
  after(async () => {
    await browser?.close();
    await world?.close();
  });
  return { world: standIn(() => world), browser: standIn(() => browser) };
}

/** Has what the other one has, once that is there. */
function standIn<T extends object>(find: () => T | undefined): T {
  return new Proxy({} as T, {
    get(_, key) {
      const found = find();
      if (found === undefined) throw new Error(`${String(key)} is asked for before the tests have begun`);
      return Reflect.get(found, key);
    },
  });
}
