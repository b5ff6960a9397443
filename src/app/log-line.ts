/** The lines of the log file, for whoever writes them elsewhere. */
export { formatLogLine } from "../adapters/log-file/line.ts";
