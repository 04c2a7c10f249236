import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { EventLogError, openSqliteEventLog } from "@ertis/event-log";

import { AppendingChild, brokenPromises } from "./killed-child.ts";
import type { Synchronous } from "./killed-child.ts";
import { missingForMounts } from "./mounts.ts";

const run = promisify(execFile);

/** Room for the log of one round; the image is sparse, so only what is written is copied. */
const imageMebibytes = 512;

/** What a round lacks on this machine, or undefined when nothing. */
export const missingForPowerCut: string | undefined = missingForMounts(
  "power cuts under the event log",
  ["mkfs.ext4", "mount", "umount", "cp", "losetup"],
);

export interface PowerCut {
  readonly promiseCount: number;
  /** Promised, and not on the disk afterwards; all of them when the log cannot be opened. */
  readonly lost: readonly string[];
  /** Why the log could not be opened or read after the cut. */
  readonly damage: string | undefined;
}

async function mounted<Result>(
  image: string,
  at: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(at, { recursive: true });
  await run("mount", ["-o", "loop", image, at]);
  try {
    return await work();
  } finally {
    await run("umount", [at]);
  }
}

async function afterTheCut(
  directory: string,
  promises: readonly string[],
): Promise<Pick<PowerCut, "lost" | "damage">> {
  try {
    const log = await openSqliteEventLog({ directory });
    try {
      return { lost: await brokenPromises(log, promises), damage: undefined };
    } finally {
      await log.close();
    }
  } catch (error) {
    if (error instanceof EventLogError) {
      return { lost: promises, damage: error.message };
    }
    throw error;
  }
}

/**
 * One power cut. A child appends to a log on an ext4 file system inside a file; once the log has
 * made enough promises it is stopped and the file copied. Whatever the log had only given to the page
 * cache of the inner file system is not in the copy, exactly as after a power cut it is not on the
 * disk. Then the log is opened on the copy and held to every promise.
 */
export async function cutPower(synchronous: Synchronous, afterPromises: number): Promise<PowerCut> {
  const base = await mkdtemp(join(tmpdir(), "ertis-power-cut-"));
  const image = join(base, "disk.img");
  const copy = join(base, "after.img");
  const disk = join(base, "disk");
  const after = join(base, "after");
  try {
    await run("truncate", ["-s", `${String(imageMebibytes)}M`, image]);
    await run("mkfs.ext4", ["-q", "-F", image]);
    const promises = await mounted(image, disk, async () => {
      const child = new AppendingChild(join(disk, "log"), synchronous);
      try {
        await child.promises(afterPromises);
        child.pause();
        await run("cp", ["--sparse=always", image, copy]);
      } finally {
        await child.kill();
      }
      return child.kill();
    });
    return await mounted(copy, after, async () => ({
      promiseCount: promises.length,
      ...(await afterTheCut(join(after, "log"), promises)),
    }));
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}
