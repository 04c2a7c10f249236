import { buildToolchain } from "./build/build-toolchain.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<void> {
  const startMs = performance.now();
  const result = await buildToolchain({ say });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (result.kind === "incomplete") {
    for (const problem of result.problems) {
      process.stderr.write(`${problem}\n`);
    }
    process.exitCode = 1;
    return;
  }
  say(`toolchain ready in ${seconds} s: ${result.toolchain.binDirectory}`);
}

await main();
