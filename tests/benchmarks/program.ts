import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { Line } from "./benchmark.ts";

/** Runs one of the benchmarks that are programs of their own, and keeps what it says. */
export async function runProgram(
  file: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<readonly Line[]> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...nodeFlags, program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) {
    throw new Error(`${file} ended with code ${String(code)}:\n${said}`);
  }
  const text = said
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
  return [{ name: `${file} ${args.join(" ")}`.trim(), text, figures: { lines: text } }];
}
