/** The id of a line of the source on the page, for links to it. @param line from 1 */
export function lineId(line: number): string {
  return `line-${line}`;
}
