import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Starts a program under a Node that claims to be another version; answers what it printed. */
function startUnder(version: string): Promise<{ readonly isRun: boolean; readonly text: string }> {
  const claim = `Object.defineProperty(process, "versions", { value: { node: "${version}" } })`;
  const imports = [`data:text/javascript,${claim}`, join(import.meta.dirname, "require-node.mjs")];
  const args = [...imports.flatMap((url) => ["--import", url]), "-e", "console.log('ran')"];
  const { promise, resolve } = Promise.withResolvers<{ isRun: boolean; text: string }>();
  execFile(process.execPath, args, (error, stdout, stderr) => {
    resolve({ isRun: error === null && stdout === "ran\n", text: stderr });
  });
  return promise;
}

test.each(["18.20.0", "20.20.2", "22.18.0", "24.11.1"])("Node %s is refused", async (version) => {
  const { isRun, text } = await startUnder(version);
  expect(isRun).toBe(false);
  expect(text).toContain(`Ertis needs Node 24.12 or newer`);
  expect(text).toContain(version);
});

test.each(["24.12.0", "24.21.0", "25.0.0", "26.10.0"])("Node %s is accepted", async (version) => {
  expect(await startUnder(version)).toEqual({ isRun: true, text: "" });
});
