import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine, markProcess, type ProcessMark } from "../programs/processes.ts";
import type { ClusterFiles } from "./cluster-files.ts";

/**
 * The processes kwokctl has started for a cluster: from its files of process ids, where the process of
 * that id names the cluster's folder. An id alone may be somebody else's by now.
 */
export function startedProcesses(files: ClusterFiles): readonly ProcessMark[] {
  return processIds(join(files.clusterDirectory, "pids")).flatMap((pid) => {
    const mark = markProcess(pid);
    return mark !== undefined && commandLine(pid).includes(`${files.clusterDirectory}/`)
      ? [mark]
      : [];
  });
}

/** How many components kwokctl has started, whether they run or not. */
export function startedCount(files: ClusterFiles): number {
  return processIds(join(files.clusterDirectory, "pids")).length;
}

function processIds(directory: string): readonly number[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".pid"))
      .map((name) => Number.parseInt(readFileSync(join(directory, name), "utf8"), 10))
      .filter((pid) => pid > 1);
  } catch {
    return [];
  }
}
