/** Whether a server or a worker says that a drive did something else when it was replayed. */
export const isMismatch = (line: string): boolean => /mismatch|RT0016/i.test(line);
