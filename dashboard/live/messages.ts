/**
 * Puts an event stream together from the pieces in which it comes.
 * @returns takes a piece, and gives the data of the messages that are whole with it, parsed
 */
export function createMessageReader(): (piece: string) => readonly unknown[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      return data === undefined ? [] : [JSON.parse(data.slice("data: ".length)) as unknown];
    });
  };
}
