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

/** Says what a test that mounts file systems lacks on this machine, or undefined when nothing. */
export function missingForMounts(programs: readonly string[]): string | undefined {
  if (process.platform !== "linux") {
    return "needs Linux";
  }
  if (process.getuid?.() !== 0) {
    return "needs root to mount a file system";
  }
  const absent = programs.find((program) => !isOnPath(program));
  return absent === undefined ? undefined : `needs the program ${absent}`;
}
