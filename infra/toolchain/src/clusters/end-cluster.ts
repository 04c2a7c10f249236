import { killProcesses, type ProcessMark } from "../programs/processes.ts";
import { type ClusterFiles, readRecord } from "./cluster-files.ts";
import { startedProcesses } from "./cluster-processes.ts";

/** Ends the processes of a cluster: the recorded ones and those an interrupted `up` left behind. */
export async function endCluster(
  files: ClusterFiles,
  others: readonly ProcessMark[] = [],
): Promise<number> {
  const marks = new Map(
    [...others, ...(readRecord(files)?.processes ?? []), ...startedProcesses(files)].map(
      (mark) => [mark.pid, mark] as const,
    ),
  );
  return killProcesses([...marks.values()]);
}
