import { defineConfig } from "vite";

/** Makes of the client one ES module with all that it needs, for pages without a bundler. */
export default defineConfig({
  publicDir: false,
  resolve: {
    alias: { "#generated": new URL("../../generated/web", import.meta.url).pathname },
    // The generated code lies outside this folder, so its library is looked for here.
    dedupe: ["@bufbuild/protobuf"],
  },
  build: {
    target: "es2022",
    outDir: "dist-lib",
    emptyOutDir: false,
    lib: { entry: "src/client/index.ts", formats: ["es"], fileName: "standalone" },
    rolldownOptions: { output: { minify: true } },
  },
});
