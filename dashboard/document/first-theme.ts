// Runs by itself before anything is painted: a page whose theme the reader has chosen (theme.ts) does not flash in the
// system's first.
import { readKept } from "./kept.ts";

const chosen = readKept("busbar:theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
