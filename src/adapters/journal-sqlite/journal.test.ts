import { describeJournal } from "../../testing/journal-suite.ts";
import { createSqliteHarness } from "../../testing/sqlite-journals.ts";

describeJournal("the SQLite journal", async () => createSqliteHarness(), { stored: true });
