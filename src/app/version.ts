/** Of Busbar; recorded with each run. Equals package.json: test/cli-build.test.ts. */
export const BUSBAR_VERSION = "0.1.0";
