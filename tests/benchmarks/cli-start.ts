import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { Line } from "./benchmark.ts";
import { spreadOf, spreadText } from "./figures.ts";

const launcher = fileURLToPath(new URL("../../apps/cli/bin/ertis", import.meta.url));
const runCount = 20;

/** From the shell's prompt to the end of `ertis --help`: what every command costs a person. */
export function cliStart(): Promise<readonly Line[]> {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["ertis --help", launcher, ["--help"]],
    ["ertis --version", launcher, ["--version"]],
    ["node alone, an empty program", process.execPath, ["-e", ""]],
  ];
  const lines = cases.map(([name, program, args]): Line => {
    const waitsMs: number[] = [];
    for (let run = 0; run <= runCount; run += 1) {
      const started = performance.now();
      execFileSync(program, args, { stdio: "ignore" });
      if (run > 0) {
        waitsMs.push(performance.now() - started);
      }
    }
    const spread = spreadOf(waitsMs);
    return {
      name,
      text: [`${spreadText(spread)} of ${runCount} after one`],
      figures: { wallMs: spread },
    };
  });
  return Promise.resolve(lines);
}
