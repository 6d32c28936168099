import { defineConfig } from "vitest/config";

const gateway = "http://127.0.0.1:8080";

export default defineConfig({
  resolve: {
    alias: { "#generated": new URL("../../generated/web", import.meta.url).pathname },
    // The generated code lies outside this folder, so its library is looked for here.
    dedupe: ["@bufbuild/protobuf"],
  },
  build: {
    target: "es2022",
    // A strict Content-Security-Policy allows neither data: URLs nor what a polyfill would inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    fs: { allow: ["../.."] },
    proxy: { "^/scorewire\\.": gateway },
  },
  test: { include: ["test/**/*.test.ts"] },
});
