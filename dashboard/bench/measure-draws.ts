/** What the main thread spent on drawing, change by change. */
export interface Draws {
  /** Milliseconds for each frame that showed a change: the change, React's work on it, and all until it was painted. */
  readonly costs: readonly number[];
  /** The longest time that the page did not answer, in milliseconds, as far as it was noticed: 0 if below 50. */
  readonly longestTaskMs: number;
}

/**
 * Makes changes for a while and takes the time of each frame, from its begin to after its painting: a message that is
 * sent at the begin of a frame arrives when the frame is done.
 */
export async function measureDraws(change: () => void, perSecond: number, forMs: number): Promise<Draws> {
  const costs: number[] = [];
  let longestTaskMs = 0;
  /** Changes since the last frame, and what they cost. */
  let changes = 0;
  let owed = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
  });
  observer.observe({ type: "longtask" });
  const timer = setInterval(() => {
    const began = performance.now();
    change();
    changes += 1;
    owed += performance.now() - began;
  }, 1000 / perSecond);
  const { port1, port2 } = new MessageChannel();
  let frames = 0;
  const frame = (): void => {
    const began = performance.now();
    const before = owed;
    const isChanged = changes > 0;
    changes = 0;
    owed = 0;
    frames = requestAnimationFrame(frame);
    if (!isChanged) return;
    port1.onmessage = () => costs.push(before + performance.now() - began);
    port2.postMessage(undefined);
  };
  frames = requestAnimationFrame(frame);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  clearInterval(timer);
  cancelAnimationFrame(frames);
  for (const { duration } of observer.takeRecords()) longestTaskMs = Math.max(longestTaskMs, duration);
  observer.disconnect();
  return { costs, longestTaskMs };
}
