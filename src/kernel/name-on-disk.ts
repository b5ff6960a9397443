import { createHash } from "node:crypto";

/** Letters of an id that its folder shows, where the id itself cannot be the name. */
const SHOWN = 32;

/** Devices of Windows, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/;

/** Means the same on every file system: no capitals, no end that Windows cuts off. `~` stands in made names only. */
const PLAIN = /^[a-z0-9_-](?:[a-z0-9._-]{0,62}[a-z0-9_-])?$/;

/** Run ids as Busbar makes them; to keep their one capital, its small twin is no plain name. */
const MADE_RUN_ID = /^\d{8}T\d{6}-[a-z0-9]+$/;
const TWIN = /^\d{8}t\d{6}-/;

/**
 * What a thing is called on disk: its id where that is a name on every file system; otherwise as much of it as can be
 * shown, and a hash by which ids differ that a file system takes for the same (capitals, accents, `CON`, `..`).
 */
export function nameOnDisk(id: string): string {
  if (MADE_RUN_ID.test(id)) return id;
  if (PLAIN.test(id) && !RESERVED.test(id) && !TWIN.test(id)) return id;
  const shown = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .slice(0, SHOWN);
  return `_${shown}~${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}
