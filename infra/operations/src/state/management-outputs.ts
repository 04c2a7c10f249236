import { rmSync } from "node:fs";
import { runCommand } from "../engine/run-command.ts";
import type { StackWorkspace } from "./stack-workspace.ts";
import { writeFileAtomically } from "./write-file.ts";

/**
 * Where the other stacks read what `management/main` knows, when its state is in another backend than
 * theirs: the engine reads other stacks only in its own. `stackReference` of the kit looks there.
 */
export const managementOutputsVariable: string = "ERTIS_MANAGEMENT_OUTPUTS";

/** Writes the outputs of the stack into a file, without secrets; removes it where there is no such stack. */
export async function writeManagementOutputs(
  workspace: StackWorkspace,
  file: string,
): Promise<void> {
  const { isOk, stdout } = await runCommand(workspace, ["stack", "output", "--json"]);
  if (isOk) {
    writeFileAtomically(file, stdout);
  } else {
    rmSync(file, { force: true });
  }
}
