// Colours of terminals by the names of those that the pages have.

/** A colour by its name: the pages have each in a tone that can be read. `grey` stands back. */
export type Hue = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "grey";

/** The eight colours of every terminal, by their numbers; undefined: the usual one. */
export const HUES: readonly (Hue | undefined)[] = [
  "grey",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  undefined,
];

/** What follows 38 or 48. @returns how many parameters it took */
export function readColour(
  rest: readonly number[],
  isOneParam: boolean,
): { readonly hue: Hue | undefined; readonly used: number } {
  const [space, ...values] = rest;
  if (space === 5) return { hue: hueOfIndex(values[0] ?? 0), used: 2 };
  if (space !== 2) return { hue: undefined, used: 1 };
  // With colons a colour space may stand before the three.
  const rgb = isOneParam ? values.slice(values.length > 3 ? 1 : 0) : values;
  return { hue: hueOf(rgb[0] ?? 0, rgb[1] ?? 0, rgb[2] ?? 0), used: 4 };
}

/** Of the 256 colours: the 16 of every terminal, a cube of 6 × 6 × 6, and 24 greys. */
function hueOfIndex(index: number): Hue | undefined {
  if (index < 16) return HUES[index % 8];
  if (index >= 232) return index < 250 ? "grey" : undefined;
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  const cube = index - 16;
  return hueOf(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** Where the turn of a hue begins, in degrees. */
const TURNS: readonly (readonly [from: number, hue: Hue])[] = [
  [335, "red"],
  [265, "magenta"],
  [200, "blue"],
  [165, "cyan"],
  [75, "green"],
  [20, "yellow"],
  [0, "red"],
];

/** The name that comes next to a colour. @param red each 0 to 255 */
function hueOf(red: number, green: number, blue: number): Hue | undefined {
  const most = Math.max(red, green, blue);
  const chroma = most - Math.min(red, green, blue);
  if (chroma < 40) return most < 200 ? "grey" : undefined;
  const sixth =
    most === red ? (green - blue) / chroma : most === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
  const degrees = (sixth * 60 + 360) % 360;
  return TURNS.find(([from]) => degrees >= from)?.[1];
}
