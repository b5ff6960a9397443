import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What moves has no colours that could be measured. */
const SETTLE = `Promise.allSettled(document.getAnimations()
  .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
  .map((animation) => animation.finished))`;

/**
 * What axe-core finds on a page that keeps people out.
 * @param rules only these
 * @returns one text each: the rule, where, and what would mend it
 */
export async function findBarriers(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(SETTLE);
  await page.evaluate(axe.source);
  const options = { resultTypes: ["violations"], ...(rules === undefined ? {} : { runOnly: rules }) };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
