import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What moves has no colours that could be measured. */
const SETTLE = `Promise.allSettled(document.getAnimations()
  .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
  .map((animation) => animation.finished))`;

/**
 * What axe-core finds on a page that keeps people out.
 * @returns one text each: the rule, where, and what would mend it
 */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(SETTLE);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ["violations"] })`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
