// How colours are seen: used by the test of the tokens alone.

/** Linear red, green and blue, from 0 to 1. */
type Rgb = readonly [number, number, number];

/**
 * How somebody sees who lacks one kind of cones, in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1;
 * "protan": red, "deutan": green, "tritan": blue).
 */
const MATRICES = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const satisfies { readonly [sight: string]: readonly [Rgb, Rgb, Rgb] };

type Sight = keyof typeof MATRICES;
export const SIGHTS = Object.keys(MATRICES) as readonly Sight[];

/** The contrast of WCAG 2.2: from 1 to 21. @param a as `#rrggbb` */
export function contrastOf(a: string, b: string): number {
  const [x, y] = [luminanceOf(linear(a)), luminanceOf(linear(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** How far apart two colours are (CIE 1976, in CIELAB; 2 or so is just seen). @param a as `#rrggbb` */
export function distanceOf(a: string, b: string, sight: Sight): number {
  const [p, q] = [labOf(seenAs(linear(a), sight)), labOf(seenAs(linear(b), sight))];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

function linear(colour: string): Rgb {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function luminanceOf([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function seenAs(rgb: Rgb, sight: Sight): Rgb {
  const of = ([r, g, b]: Rgb): number => Math.min(1, Math.max(0, r * rgb[0] + g * rgb[1] + b * rgb[2]));
  const [red, green, blue] = MATRICES[sight];
  return [of(red), of(green), of(blue)];
}

/** CIELAB under D65. */
function labOf([red, green, blue]: Rgb): Rgb {
  const root = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = root(luminanceOf([red, green, blue]));
  const z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
