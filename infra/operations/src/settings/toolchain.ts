import { findToolchain, missingParts } from "@ertis/infra-toolchain";
import type { PartName, Toolchain } from "@ertis/infra-toolchain";
import { OperationProblem } from "../problem.ts";

const engineParts: readonly PartName[] = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-kubernetes",
];

/** The programs the engine needs, or a refusal that says which are absent. */
export async function requireToolchain(): Promise<Toolchain> {
  const toolchain = await findToolchain();
  const missing = missingParts(toolchain, engineParts);
  if (missing !== undefined) {
    // A part that is there may have a note as well, such as where a better one is to be had.
    const notes = toolchain.parts.flatMap(({ name, kind, note }) =>
      engineParts.includes(name) && kind === "missing" && note !== undefined ? [note] : [],
    );
    throw new OperationProblem(
      "unavailable",
      `the engine ${missing.replace(/: run `npm run toolchain`$/, "")}`,
      ["run: npm run toolchain", ...notes].join("\n"),
    );
  }
  return toolchain;
}
