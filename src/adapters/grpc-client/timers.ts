/** As many turns at most: a peer that sends without end does not put a deadline off for ever. */
const MAX_TURNS = 64;

/**
 * Calls back when everything that lay in the sockets as a timer fired has been read. A process that was stopped, or a
 * loop that was busy, finds its timers due before it looks at its sockets: what came in time must not count as late.
 *
 * @param bytesRead grows while there is more
 */
export function readPoll(bytesRead: () => number, callback: () => void): void {
  let before = -1;
  let turns = 0;
  const look = (): void => {
    const now = bytesRead();
    if (now === before || turns >= MAX_TURNS) return callback();
    before = now;
    turns += 1;
    // The loop polls between its timers and its immediates.
    setImmediate(look);
  };
  look();
}
