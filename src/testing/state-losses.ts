// What can happen to a state directory while somebody records in it.
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

export interface StateLoss {
  readonly title: string;
  /** Whether files are written into; otherwise names are taken away, or lead to other files. */
  readonly inPlace?: true;
  /** @param other another state directory, of the same layout, with a journal of other runs */
  happen(stateDir: string, other: string): void;
}

const replace = (path: string): void => {
  writeFileSync(`${path}.new`, readFileSync(path));
  renameSync(`${path}.new`, path);
};

export const STATE_LOSSES: readonly StateLoss[] = [
  { title: "the directory is deleted", happen: (stateDir) => rmSync(stateDir, { recursive: true }) },
  { title: "the directory is moved", happen: (stateDir) => renameSync(stateDir, `${stateDir}.moved`) },
  {
    title: "an empty directory is put in its place",
    happen(stateDir) {
      renameSync(stateDir, `${stateDir}.moved`);
      mkdirSync(stateDir);
    },
  },
  {
    title: "another state directory is put in its place",
    happen(stateDir, other) {
      renameSync(stateDir, `${stateDir}.moved`);
      renameSync(other, stateDir);
    },
  },
  {
    title: "a file is put in its place",
    happen(stateDir) {
      renameSync(stateDir, `${stateDir}.moved`);
      writeFileSync(stateDir, "");
    },
  },
  {
    title: "a link that leads to itself is put in its place",
    happen(stateDir) {
      renameSync(stateDir, `${stateDir}.moved`);
      symlinkSync(stateDir, stateDir);
    },
  },
  {
    title: "all its files are deleted",
    happen(stateDir) {
      for (const name of readdirSync(stateDir)) rmSync(join(stateDir, name), { recursive: true });
    },
  },
  ...["journal.db", "journal.db-wal", "journal.db-shm"].flatMap((name): StateLoss[] => [
    { title: `${name} is deleted`, happen: (stateDir) => rmSync(join(stateDir, name)) },
    { title: `${name} is replaced by a copy of itself`, happen: (stateDir) => replace(join(stateDir, name)) },
  ]),
  {
    title: "the database of another journal is moved over journal.db",
    happen: (stateDir, other) => renameSync(join(other, "journal.db"), join(stateDir, "journal.db")),
  },
  {
    title: "the locks of owners are deleted",
    happen: (stateDir) => rmSync(join(stateDir, "owners"), { recursive: true }),
  },
  {
    title: "the database of another journal is copied over journal.db",
    inPlace: true,
    happen: (stateDir, other) => copyFileSync(join(other, "journal.db"), join(stateDir, "journal.db")),
  },
  ...["journal.db", "journal.db-wal"].map(
    (name): StateLoss => ({
      title: `${name} is emptied`,
      inPlace: true,
      happen: (stateDir) => truncateSync(join(stateDir, name), 0),
    }),
  ),
];
