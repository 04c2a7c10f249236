import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

function isOnPath(program: string): boolean {
  // The administrator's programs are not on everybody's path.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Says what a test that mounts file systems lacks on this machine, or undefined when nothing; and
 * prints it, because the list of passed tests would not.
 */
export function missingForMounts(what: string, programs: readonly string[]): string | undefined {
  const missing = findMissing(programs);
  if (missing !== undefined) {
    console.warn(`SKIPPED: ${what}: ${missing}`);
  }
  return missing;
}

function findMissing(programs: readonly string[]): string | undefined {
  if (process.platform !== "linux") {
    return "needs Linux";
  }
  if (process.getuid?.() !== 0) {
    return "needs root to mount a file system";
  }
  const absent = programs.find((program) => !isOnPath(program));
  return absent === undefined ? undefined : `needs the program ${absent}`;
}
