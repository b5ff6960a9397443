// Makes year.csv: a year of 15-minute meter readings of three households, in watts.
// Usage: node examples/energy-pipeline/input/make-year.ts   (the same bytes every time)
//
// Watts are voltage times current times the power factor of what is switched on,
// so a healthy reading's efficiency is that factor, 0.8 to 1. An anomaly is a
// meter that counts next to nothing although current flows; they come in spells.
// There are gaps (a meter was off line) and bad rows (the line was garbled).
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createSeededRandom, type Random } from "../../../src/kernel/random.ts";

const SEED = 20250101;
const START = Date.UTC(2025, 0, 1);
const STEP_MS = 15 * 60 * 1000;
const STEPS = 365 * 96;
const HEADER = "timestamp,household_id,power_consumption,voltage,current";

interface Household {
  readonly id: string;
  /** Watts with nothing going on. */
  readonly base: number;
  /** Watts at the height of a day. */
  readonly peak: number;
  /** How much more in winter, as a share. */
  readonly winter: number;
}

const HOUSEHOLDS: readonly Household[] = [
  { id: "HH-0", base: 140, peak: 900, winter: 0.3 },
  { id: "HH-1", base: 260, peak: 2100, winter: 0.9 },
  { id: "HH-2", base: 90, peak: 550, winter: 0.15 },
];

/** The whole file. */
export function makeYear(seed: number = SEED): string {
  const meters = HOUSEHOLDS.map((household, i) => createMeter(household, createSeededRandom(seed + i)));
  const lines = [HEADER];
  for (let step = 0; step < STEPS; step++) {
    for (const meter of meters) {
      const line = meter(step);
      if (line !== undefined) lines.push(line);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Lines of one meter, to be asked for in order of time; undefined within a gap. */
function createMeter(household: Household, random: Random): (step: number) => string | undefined {
  let gapUntil = 0;
  let anomalyUntil = 0;
  let drift = 0;
  return (step) => {
    const at = START + step * STEP_MS;
    if (random.next() < 0.0004) gapUntil = step + 1 + Math.floor(random.next() * 48);
    if (random.next() < 0.0035) anomalyUntil = step + 1 + Math.floor(random.next() * 16);
    drift = 0.9 * drift + 0.1 * (random.next() - 0.5);
    const watts = demand(household, at) * (1 + drift) * (0.85 + 0.3 * random.next());
    const voltage = 230 + 8 * (random.next() - 0.5);
    const factor = 0.82 + 0.17 * random.next();
    const current = watts / (voltage * factor);
    const measured = step < anomalyUntil ? watts * 0.06 * random.next() : watts;
    const fault = random.next();
    if (step < gapUntil) return undefined;

    const timestamp = new Date(at).toISOString().replace(".000Z", "Z");
    const fields = [timestamp, household.id, measured.toFixed(1), voltage.toFixed(1), current.toFixed(3)];
    return spoil(fields, fault).join(",");
  };
}

/** Watts by season and time of day: a hump in the morning, a larger one in the evening. */
function demand(household: Household, at: number): number {
  const date = new Date(at);
  const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
  const season = 1 + household.winter * Math.cos((2 * Math.PI * (at - START)) / (365 * 24 * 3600 * 1000));
  const hump = (center: number, width: number) => Math.exp(-(((hour - center) / width) ** 2));
  const weekend = [0, 6].includes(date.getUTCDay()) ? 1.2 : 1;
  return household.base + household.peak * season * weekend * (0.5 * hump(7.5, 1.5) + hump(19.5, 2.5) + 0.1);
}

/** About one row in 500 is not usable, in one of five ways. */
function spoil(fields: readonly string[], fault: number): readonly string[] {
  const [timestamp = "", id = "", power = "", voltage = "", current = ""] = fields;
  if (fault < 0.0004) return [timestamp, "", power, voltage, current];
  if (fault < 0.0008) return [timestamp, id, `${power}#`, voltage, current];
  if (fault < 0.0012) return [timestamp, id, power, "0", current];
  if (fault < 0.0016) return [timestamp, id, power];
  if (fault < 0.002) return [timestamp, id, "", voltage, current];
  return fields;
}

if (import.meta.main) {
  writeFileSync(fileURLToPath(new URL("year.csv", import.meta.url)), makeYear());
}
