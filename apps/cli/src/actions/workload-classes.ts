import type { GetServerInfoResponse } from "@ertis/api";
import type { JobRequest } from "@ertis/client";
import { findNearest } from "../job-file/nearest.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import type { Session } from "./session.ts";

/** Names everybody may use, whatever was measured. */
const common = ["pre-train", "fine-tune", "inference"];

/** A class that nobody has heard of may be a slip of the pen: says what it is taken for. */
function describeUnknownClass(
  workloadClass: string,
  { sites }: Pick<GetServerInfoResponse, "sites">,
): string | undefined {
  const measured = sites.flatMap((site) => site.measuredClasses);
  const known = new Set([...common, ...measured.flatMap((one) => one.workloadClasses)]);
  if (known.has(workloadClass) || measured.length === 0) {
    return undefined;
  }
  const near = findNearest(workloadClass, [...known]);
  const hint =
    near === undefined
      ? `common are ${common.join(", ")}; "ertis info -o yaml" lists those that were measured`
      : `did you mean ${near}?`;
  return `class ${workloadClass} was never measured: under a cap it counts as the slowest class of the GPU model; ${hint}`;
}

/** Asks the scheduler only when a job names a class that is not common. */
export async function warnOfClasses(
  terminal: Terminal,
  session: Session,
  specs: readonly JobRequest[],
): Promise<void> {
  const named = new Set(specs.map(({ workloadClass = "" }) => workloadClass));
  const rare = [...named].filter((one) => one !== "" && !common.includes(one));
  if (rare.length === 0) {
    return;
  }
  const info = await session.client.serverInfo();
  for (const workloadClass of rare) {
    const text = describeUnknownClass(workloadClass, info);
    if (text !== undefined) {
      terminal.stderr.write(`ertis: ${toPrintable(text)}\n`);
    }
  }
}
