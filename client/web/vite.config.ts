/** How the page is built, and with `--mode board` `<scorewire-board>`, one script that any page can load. */

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const GATEWAY = "http://127.0.0.1:8080";

// How many bytes a browser may have to load, gzipped.
const PAGE_BYTES = 100_000;
const BOARD_BYTES = 60_000;

const BUILD = {
  target: "es2022",
  // A strict Content-Security-Policy allows neither data: URLs nor what a polyfill would inline.
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
} as const;

export default defineConfig(({ command, mode }) => ({
  logLevel: command === "build" ? "warn" : "info",
  plugins: [withinBudget(mode === "board" ? BOARD_BYTES : PAGE_BYTES)],
  resolve: {
    alias: { "#generated": new URL("../../generated/web", import.meta.url).pathname },
    // The generated code lies outside this folder, so its library is looked for here.
    dedupe: ["@bufbuild/protobuf"],
  },
  build: mode === "board" ? { ...BUILD, ...boardBuild() } : BUILD,
  server: {
    fs: { allow: ["../.."] },
    proxy: { "^/scorewire\\.": GATEWAY },
  },
  // What runs beside them may slow tests down; a test that hangs ends all the same.
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000 },
}));

// Beside the files of the page, which are built before.
function boardBuild() {
  const input = { "scorewire-board": "src/board/index.ts" };
  const rolldownOptions = {
    input,
    output: { entryFileNames: "[name].js" },
    preserveEntrySignatures: "strict" as const,
  };
  return { rolldownOptions, emptyOutDir: false, copyPublicDir: false };
}

/** Fails a build whose files have more bytes than that, each as gzip makes it. */
export function withinBudget(mostBytes: number): Plugin {
  return {
    name: "within-budget",
    generateBundle: {
      order: "post",
      async handler(_options, bundle) {
        const contents = Object.values(bundle).map((file) => (file.type === "chunk" ? file.code : file.source));
        const sizes = await Promise.all(contents.map(gzippedBytes));
        const bytes = sizes.reduce((sum, size) => sum + size, 0);
        if (bytes > mostBytes) this.error(`${bytes} bytes gzipped are more than ${mostBytes}`);
      },
    },
  };
}

async function gzippedBytes(content: string | Uint8Array): Promise<number> {
  const stream = new Blob([content as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}
