// Styles are gathered by scripts/dashboard.ts: a file that imports one says that it needs it.
declare module "*.css";
