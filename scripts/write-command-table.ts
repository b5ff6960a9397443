// Writes the table of commands that the command line begins with: npm run generate
import { writeFileSync } from "node:fs";
import { renderCommandTable } from "./command-groups.ts";

writeFileSync(new URL("../src/cli/command-table.ts", import.meta.url), renderCommandTable());
