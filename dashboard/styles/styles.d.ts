// Styles are gathered by scripts/dashboard-bundle.ts: a file that imports one says that it needs it.
declare module "*.css";
