import { cannotOpen, runCommand } from "../engine/run-command.ts";
import { toRecord } from "../recovery/state-export.ts";
import type { StackWorkspace } from "./stack-workspace.ts";

/** Whether a stack stands: known to its backend, and with outputs, which it gets when it is up as a whole. */
export type Presence = "up" | "not up as a whole" | "not up";

export async function stackPresence(workspace: StackWorkspace): Promise<Presence> {
  const { isOk, stdout, stderr } = await runCommand(workspace, ["stack", "output", "--json"]);
  if (isOk) {
    return Object.keys(toRecord(JSON.parse(stdout))).length > 0 ? "up" : "not up as a whole";
  }
  if (stderr.includes("no stack named")) {
    return "not up";
  }
  throw cannotOpen(workspace, stderr);
}
