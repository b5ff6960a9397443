import type { Plugin } from "esbuild";

/** grpc-js drags it in together with protobufjs (700 KB), to load .proto files at run time, which nothing here does. */
export const withoutProtoLoader: Plugin = {
  name: "without-proto-loader",
  setup(hooks) {
    hooks.onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace: "empty" }));
    hooks.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};
