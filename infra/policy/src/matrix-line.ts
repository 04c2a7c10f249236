import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const name = "packages/charts/src/versions.ts";

/**
 * Where the matrix of tested versions says something about a key of `versions`, as file and line. Looked up
 * when a message is printed: nothing else needs the text of the file.
 */
export function matrixLine(...path: readonly string[]): string {
  const file = fileURLToPath(new URL("versions.ts", import.meta.resolve("@ertis/charts")));
  const lines = readFileSync(file, "utf8").split("\n");
  let at = lines.findIndex((line) => line.startsWith("export const versions"));
  for (const [depth, key] of path.entries()) {
    const begins = `${"  ".repeat(depth + 1)}${key}: `;
    const found = lines.findIndex((line, index) => index > at && line.startsWith(begins));
    at = found === -1 ? at : found;
  }
  return `${name}:${at + 1}`;
}
